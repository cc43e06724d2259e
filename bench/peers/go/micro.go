// bench/peers/go/micro.go: the micro part for Go. An await of what completes at once, and fib, would be plain calls here:
// they are left out. A yield is runtime.Gosched, a queue a channel, a cancellation a context.
package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	many             = 10_000
	million          = 1_000_000
	throwingFrames   = 5
	sleepTime        = 2_000 * time.Millisecond
	sleepSpread      = 500
	postPause        = 100 * time.Microsecond
	postsPerProducer = 200_000
	producers        = 2
)

func sleepOf(i int) time.Duration { return sleepTime + time.Duration(i*7919%sleepSpread)*time.Millisecond }
func timerOf(i int) time.Duration { return time.Duration(60+i*7919%7140) * time.Second }

var sink int

func startAndAwait(s *sampler) {
	for n := s.next(); n > 0; n = s.next() {
		for i := range n {
			result := make(chan int, 1)
			go func() { result <- i }()
			sink = <-result
		}
	}
}

func yieldBetweenTwo(s *sampler) {
	s.each = 2
	for n := s.next(); n > 0; n = s.next() {
		var both sync.WaitGroup
		both.Add(2)
		for range 2 {
			go func() {
				defer both.Done()
				for range n {
					runtime.Gosched()
				}
			}()
		}
		both.Wait()
	}
}

func gatherOf(children int) func(*sampler) {
	return func(s *sampler) {
		s.each = float64(children)
		results := make([]int, children)
		for n := s.next(); n > 0; n = s.next() {
			for range n {
				var all sync.WaitGroup
				all.Add(children)
				for c := range children {
					go func() {
						defer all.Done()
						results[c] = c
					}()
				}
				all.Wait()
			}
		}
		sink = results[children-1]
	}
}

func lockFreeMutex(s *sampler) {
	var m sync.Mutex
	for n := s.next(); n > 0; n = s.next() {
		for range n {
			m.Lock()
			sink++
			m.Unlock()
		}
	}
}

func channelPingPong(s *sampler) {
	s.each = 2
	for n := s.next(); n > 0; n = s.next() {
		there, back := make(chan int, 1), make(chan int, 1)
		go func() {
			for message := range there {
				back <- message
			}
		}()
		for i := range n {
			there <- i
			sink = <-back
		}
		close(there)
	}
}

// Events that are set once and again: a condition variable.
func eventWake(s *sampler) {
	s.each = 2
	var m sync.Mutex
	asked, answered := false, false
	askedEvent, answeredEvent := sync.NewCond(&m), sync.NewCond(&m)
	for n := s.next(); n > 0; n = s.next() {
		go func() {
			m.Lock()
			defer m.Unlock()
			for range n {
				for !asked {
					askedEvent.Wait()
				}
				asked, answered = false, true
				answeredEvent.Signal()
			}
		}()
		m.Lock()
		for range n {
			asked = true
			askedEvent.Signal()
			for !answered {
				answeredEvent.Wait()
			}
			answered = false
		}
		m.Unlock()
	}
}

func timerAmong(live int) func(*sampler) {
	return func(s *sampler) {
		others := make([]*time.Timer, live)
		for i := range others {
			others[i] = time.AfterFunc(timerOf(i), func() {})
		}
		for n := s.next(); n > 0; n = s.next() {
			for i := range n {
				time.AfterFunc(timerOf(i), func() {}).Stop()
			}
		}
		for _, other := range others {
			other.Stop()
		}
	}
}

func sleepers(s *session) {
	memory, begin := peakMemory(), processorTime()
	var all sync.WaitGroup
	all.Add(million)
	for i := range million {
		go func() {
			defer all.Done()
			time.Sleep(sleepOf(i))
		}()
	}
	all.Wait()
	s.report("sleepers_cpu", float64(processorTime()-begin)/million, "ns", extra{"count", million})
	s.report("sleepers_memory", float64(peakMemory()-memory)/million, "bytes", extra{"count", million})
}

//go:noinline
func panicBelow(frames int) int {
	if frames == 1 {
		panic("thrown")
	}
	return panicBelow(frames-1) + 1
}

func exceptionThroughFrames(s *sampler) {
	caught := func() (found bool) {
		defer func() { found = recover() != nil }()
		return panicBelow(throwingFrames) == 0
	}
	for n := s.next(); n > 0; n = s.next() {
		for range n {
			if !caught() {
				panic("nothing was thrown")
			}
		}
	}
}

func cancelSleeper(s *sampler) {
	for n := s.next(); n > 0; n = s.next() {
		for range n {
			running, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() {
				timer := time.NewTimer(time.Hour)
				defer timer.Stop()
				select {
				case <-running.Done():
					ended <- running.Err()
				case <-timer.C:
					ended <- nil
				}
			}()
			runtime.Gosched()
			cancel()
			<-ended
		}
	}
}

// Goroutines that are never in one thread: both processors take part.
func postLatency(s *session) {
	runtime.GOMAXPROCS(runtime.NumCPU())
	posts := max(100, int(s.seconds*1e6/200))
	sent := make(chan int64, posts)
	delays := make([]int64, 0, posts)
	go func() {
		runtime.LockOSThread()
		for range posts {
			time.Sleep(postPause)
			sent <- wallTime()
		}
		close(sent)
	}()
	for moment := range sent {
		delays = append(delays, wallTime()-moment)
	}
	s.reportDelays("post_latency", delays)
}

func postThroughput(s *session) {
	runtime.GOMAXPROCS(runtime.NumCPU())
	posts := make(chan int, 1024)
	begin := wallTime()
	var all sync.WaitGroup
	all.Add(producers)
	for range producers {
		go func() {
			defer all.Done()
			for i := range postsPerProducer {
				posts <- i
			}
		}()
	}
	go func() {
		all.Wait()
		close(posts)
	}()
	received := 0
	for range posts {
		received++
	}
	s.report("post_throughput", float64(received)/(float64(wallTime()-begin)*1e-9), "posts/s")
}

func main() {
	runtime.GOMAXPROCS(1)
	run([]benchmark{
		{"spawn", timed(startAndAwait)},
		{"yield", timed(yieldBetweenTwo)},
		{"gather_10", timed(gatherOf(10))},
		{"gather_10000", timed(gatherOf(many))},
		{"mutex", timed(lockFreeMutex)},
		{"queue", timed(channelPingPong)},
		{"event", timed(eventWake)},
		{"timer_1", timed(timerAmong(1))},
		{"timer_10000", timed(timerAmong(many))},
		{"timer_1000000", timed(timerAmong(million))},
		{"sleepers", sleepers},
		{"exception", timed(exceptionThroughFrames)},
		{"cancel", timed(cancelSleeper)},
		{"post_latency", postLatency},
		{"post_throughput", postThroughput},
	})
}
