// torus/core/core.hpp: coroutines, tasks, time, threads: all of the core in one include.
#pragma once

#include <torus/core/async.hpp>
#include <torus/core/awaitable.hpp>
#include <torus/core/call_graph.hpp>
#include <torus/core/callback.hpp>
#include <torus/core/clock.hpp>
#include <torus/core/error.hpp>
#include <torus/core/exception_group.hpp>
#include <torus/core/future.hpp>
#include <torus/core/gather.hpp>
#include <torus/core/generator.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/print.hpp>
#include <torus/core/run.hpp>
#include <torus/core/runner.hpp>
#include <torus/core/shield.hpp>
#include <torus/core/signal.hpp>
#include <torus/core/submitted.hpp>
#include <torus/core/task.hpp>
#include <torus/core/task_group.hpp>
#include <torus/core/thread.hpp>
#include <torus/core/thread_pool.hpp>
#include <torus/core/time.hpp>
