// bench/peers/go/spawn/spawn.go: processes with Go's os/exec: spawn COUNT AT_ONCE MEBIBYTES
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: spawn COUNT AT_ONCE MEBIBYTES")
	}
	ballast := make([]byte, number(os.Args[3])<<20)
	for i := range ballast {
		ballast[i] = 'x'
	}
	var left atomic.Int64
	left.Store(int64(number(os.Args[1])))
	begin := time.Now()
	var all sync.WaitGroup
	for range number(os.Args[2]) {
		all.Add(1)
		go func() {
			defer all.Done()
			for left.Add(-1) >= 0 {
				said, err := exec.Command("/bin/echo", "hello").Output()
				if err != nil || string(said) != "hello\n" {
					log.Fatal("not what was asked for")
				}
			}
		}()
	}
	all.Wait()
	fmt.Printf("%.6f\n", time.Since(begin).Seconds())
	runtime.KeepAlive(ballast)
}
