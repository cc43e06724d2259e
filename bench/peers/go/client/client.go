// bench/peers/go/client/client.go: the HTTP client for Go's net/http: client URL REQUESTS CONCURRENCY
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func fetch(client *http.Client, url string) {
	page, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer page.Body.Close()
	if body, err := io.ReadAll(page.Body); err != nil || page.StatusCode != http.StatusOK || len(body) == 0 {
		log.Fatal("not what was asked for")
	}
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: client URL REQUESTS CONCURRENCY")
	}
	url, concurrency := os.Args[1], number(os.Args[3])
	var left atomic.Int64
	left.Store(int64(number(os.Args[2])))
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = concurrency, concurrency
	client := &http.Client{Transport: transport}
	var all sync.WaitGroup
	for range concurrency {
		all.Add(1)
		go func() {
			defer all.Done()
			for left.Add(-1) >= 0 {
				fetch(client, url)
			}
		}()
	}
	all.Wait()
}
