// torus/sync/sync.hpp: all that tasks wait for each other with, in one include.
#pragma once

#include <torus/sync/barrier.hpp>
#include <torus/sync/broadcast.hpp>
#include <torus/sync/capacity_limiter.hpp>
#include <torus/sync/channel.hpp>
#include <torus/sync/condition.hpp>
#include <torus/sync/event.hpp>
#include <torus/sync/lifo_queue.hpp>
#include <torus/sync/mutex.hpp>
#include <torus/sync/once.hpp>
#include <torus/sync/priority_queue.hpp>
#include <torus/sync/queue.hpp>
#include <torus/sync/rw_lock.hpp>
#include <torus/sync/semaphore.hpp>
#include <torus/sync/sync_queue.hpp>
#include <torus/sync/watch.hpp>
