// bench/peers/go/echo/echo.go: the echo server for Go.
package main

import (
	"fmt"
	"log"
	"net"
)

const bufferBytes = 16 * 1024

func echo(client net.Conn) {
	defer client.Close()
	buffer := make([]byte, bufferBytes)
	for {
		received, err := client.Read(buffer)
		if err != nil {
			return
		}
		if _, err := client.Write(buffer[:received]); err != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go echo(client)
	}
}
