// bench/peers/go/files/files.go: reading a file at random places with Go.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"time"
)

const readBytes = 4096
const readsBetweenLooks = 256

type places struct{ state, blocks uint64 }

func placesOf(fileBytes, reader uint64) places {
	return places{0x9e3779b97f4a7c15 * (reader + 1), fileBytes / readBytes}
}

func (p *places) next() int64 {
	p.state ^= p.state << 13
	p.state ^= p.state >> 7
	p.state ^= p.state << 17
	return int64(p.state % p.blocks * readBytes)
}

func read(file *os.File, where places, end time.Time) (reads uint64) {
	block := make([]byte, readBytes)
	for {
		for i := 0; i < readsBetweenLooks; i++ {
			if _, err := file.ReadAt(block, where.next()); err != nil {
				log.Fatal(err)
			}
		}
		reads += readsBetweenLooks
		if !time.Now().Before(end) {
			return reads
		}
	}
}

func main() {
	if len(os.Args) != 4 {
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	status, err := file.Stat()
	if err != nil {
		log.Fatal(err)
	}
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	depth, _ := strconv.ParseUint(os.Args[3], 10, 32)
	begin := time.Now()
	end := begin.Add(time.Duration(seconds * float64(time.Second)))
	reads := make([]uint64, depth)
	var all sync.WaitGroup
	for i := range reads {
		all.Add(1)
		go func() {
			defer all.Done()
			reads[i] = read(file, placesOf(uint64(status.Size()), uint64(i)), end)
		}()
	}
	all.Wait()
	passed := time.Since(begin).Seconds()
	var sum uint64
	for _, each := range reads {
		sum += each
	}
	fmt.Printf("%d %.6f\n", sum, passed)
}
