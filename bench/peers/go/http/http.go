// bench/peers/go/http/http.go: the HTTP server for Go's net/http.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
)

var hello = []byte("Hello, World!")

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write(hello)
	})))
}
