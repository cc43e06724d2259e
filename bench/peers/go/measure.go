// bench/peers/go/measure.go: the command line, the clocks, the samples: as bench/common/session.hpp does it.
package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	samplesWanted       = 10
	clockProcessCPUTime = 2 // CLOCK_PROCESS_CPUTIME_ID of clock_gettime(2)
)

func processorTime() int64 {
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockProcessCPUTime, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

var programBegan = time.Now()

// Monotonic.
func wallTime() int64 { return int64(time.Since(programBegan)) }

func peakMemory() int64 {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return used.Maxrss * 1024
}

func allocations() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.Mallocs
}

// How often a case is repeated, and how long that took.
type sampler struct {
	seconds           float64
	count             int
	each              float64
	wallClock         bool
	running           bool
	reached           bool
	calibrated        bool
	spent, last       float64
	allocationsBefore uint64
	allocationsEach   float64
	begun             int64
	samples           []float64
}

func (s *sampler) time() int64 {
	if s.wallClock {
		return wallTime()
	}
	return processorTime()
}

func (s *sampler) end() {
	if !s.running {
		return
	}
	s.last = float64(s.time()-s.begun) * 1e-9
	s.running = false
	s.allocationsEach = float64(allocations()-s.allocationsBefore) / float64(s.count)
	if s.calibrated {
		s.spent += s.last
		s.samples = append(s.samples, s.last*1e9/float64(s.count))
	}
}

// Ends the sample that runs and begins the next: how many repetitions; 0 when there are enough.
func (s *sampler) next() int {
	s.end()
	if s.count == 0 {
		s.count = 1
	} else if !s.calibrated {
		wanted, reachedBefore := s.seconds/samplesWanted, s.reached
		if s.reached = s.last > wanted/2; s.reached {
			s.calibrated = reachedBefore
		} else {
			s.count = int(float64(s.count)*min(10, wanted/s.last)) + 1
		}
	}
	if s.spent >= s.seconds || len(s.samples) >= samplesWanted*2 {
		return 0
	}
	s.allocationsBefore = allocations()
	s.running = true
	s.begun = s.time()
	return s.count
}

type extra struct {
	name  string
	value float64
}

type session struct {
	running string
	seconds float64
}

type benchmark struct {
	name string
	run  func(*session)
}

func (s *session) report(what string, value float64, unit string, extras ...extra) {
	var text strings.Builder
	fmt.Fprintf(&text, `{"what": %q, "who": "go", "value": %g, "unit": %q`, what, value, unit)
	for _, e := range extras {
		fmt.Fprintf(&text, `, %q: %g`, e.name, e.value)
	}
	fmt.Println(text.String() + "}")
}

// Repeats something, and reports what one repetition takes.
func timed(body func(*sampler)) func(*session) {
	return func(s *session) {
		taken := sampler{seconds: s.seconds, each: 1}
		body(&taken)
		sort.Float64s(taken.samples)
		middle := len(taken.samples) / 2
		median := taken.samples[middle]
		if len(taken.samples)%2 == 0 {
			median = (taken.samples[middle-1] + median) / 2
		}
		s.report(s.running, median/taken.each, "ns", extra{"allocations", taken.allocationsEach / taken.each},
			extra{"least", taken.samples[0] / taken.each}, extra{"most", taken.samples[len(taken.samples)-1] / taken.each})
	}
}

func (s *session) reportDelays(what string, delays []int64) {
	slices.Sort(delays)
	at := func(share float64) float64 {
		return float64(delays[min(int(share*float64(len(delays))), len(delays)-1)]) / 1000
	}
	s.report(what, at(0.5), "us", extra{"p99", at(0.99)}, extra{"least", at(0)})
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: micro [--list] [--seconds S] [CASE...]")
	os.Exit(2)
}

func run(benchmarks []benchmark) {
	s := session{seconds: 0.5}
	list, wanted := false, []string{}
	for i := 1; i < len(os.Args); i++ {
		known := slices.ContainsFunc(benchmarks, func(b benchmark) bool { return b.name == os.Args[i] })
		switch {
		case os.Args[i] == "--list":
			list = true
		case os.Args[i] == "--seconds" && i+1 < len(os.Args):
			i++
			seconds, err := strconv.ParseFloat(os.Args[i], 64)
			if err != nil || seconds <= 0 {
				usage()
			}
			s.seconds = seconds
		case known:
			wanted = append(wanted, os.Args[i])
		default:
			usage()
		}
	}
	for _, b := range benchmarks {
		if list {
			fmt.Println(b.name)
		} else if len(wanted) == 0 || slices.Contains(wanted, b.name) {
			s.running = b.name
			b.run(&s)
		}
	}
}
