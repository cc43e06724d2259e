module torus.dev/bench

go 1.22
