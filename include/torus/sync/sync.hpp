// torus/sync/sync.hpp: events, locks, semaphores, queues: all of sync in one include.
#pragma once

#include <torus/sync/event.hpp>
#include <torus/sync/mutex.hpp>
#include <torus/sync/queue.hpp>
#include <torus/sync/semaphore.hpp>
