// bench/peers/go/hello/hello.go: hello, after a sleep.
package main

import (
	"fmt"
	"time"
)

func main() {
	done := make(chan struct{})
	go func() {
		time.Sleep(10 * time.Millisecond)
		fmt.Println("hello")
		close(done)
	}()
	<-done
}
