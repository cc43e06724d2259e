// tests/sync/rw_lock_test.cpp: readers together, writers alone, in order of arrival.
#include <torus/sync/rw_lock.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> read(rw_lock& l, std::string& log, char name, duration hold = 1s) {
    auto held = co_await l.read_lock();
    log += name;
    co_await sleep(hold);
}

async<> write(rw_lock& l, std::string& log, char name, duration hold = 1s) {
    auto held = co_await l.write_lock();
    EXPECT_EQ(l.readers(), 0U);
    log += name;
    co_await sleep(hold);
}

TORUS_TEST(rw_lock, S310_readers_hold_it_together) {
    rw_lock l;
    std::string log;
    co_await gather(read(l, log, 'a'), read(l, log, 'b'), read(l, log, 'c'));
    EXPECT_EQ(log, "abc");
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(l.readers(), 0U);
}

TORUS_TEST(rw_lock, S310_a_writer_holds_it_alone) {
    rw_lock l;
    std::string log;
    co_await gather(write(l, log, 'A'), write(l, log, 'B'), read(l, log, 'c'));
    EXPECT_EQ(log, "ABc");
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_FALSE(l.written());
}

TORUS_TEST(rw_lock, S310_a_free_lock_is_taken_without_suspending) {
    rw_lock l;
    bool ran = false;
    auto other = create_task(note_run, std::ref(ran));
    {
        auto one = co_await l.read_lock();
        auto two = co_await l.read_lock();
        EXPECT_EQ(l.readers(), 2U);
    }
    {
        auto one = co_await l.write_lock();
        EXPECT_TRUE(l.written());
    }
    EXPECT_FALSE(ran);
    co_await other;
}

TORUS_TEST(rw_lock, S311_a_reader_queues_behind_a_writer_that_came_first) {
    rw_lock l;
    std::string log;
    co_await gather(read(l, log, 'a'), read(l, log, 'b'), write(l, log, 'C'), read(l, log, 'd'), read(l, log, 'e'),
                    write(l, log, 'F'), read(l, log, 'g'));
    EXPECT_EQ(log, "abCdeFg");
    EXPECT_EQ(elapsed(), 5s) << "ab, C, de, F, g";
}

TORUS_TEST(rw_lock, S311_a_stream_of_readers_does_not_keep_a_writer_out) {
    rw_lock l;
    std::string log;
    std::vector<task<>> readers;
    for (int i = 0; i < 10; ++i) {
        readers.push_back(create_task(read(l, log, 'r', 2s)));
        if (i == 3) readers.push_back(create_task(write(l, log, 'W')));
        co_await sleep(1s);
    }
    co_await gather(readers);
    EXPECT_EQ(log, "rrrrWrrrrrr");
}

TORUS_TEST(rw_lock, S312_a_writer_that_gives_up_lets_the_readers_behind_it_in) {
    rw_lock l;
    std::string log;
    auto held = co_await l.read_lock();
    auto writer = create_task(write(l, log, 'W'));
    auto reader = create_task(read(l, log, 'r', 0s));
    auto second = create_task(write(l, log, 'X'));
    auto late = create_task(read(l, log, 'l', 0s));
    co_await let_others_run();
    EXPECT_EQ(log, "");
    writer.cancel();
    co_await expect_throws<cancelled_error>(writer);
    co_await reader;
    EXPECT_EQ(log, "r") << "but not those behind the next writer";
    held.unlock();
    co_await gather(second, late);
    EXPECT_EQ(log, "rXl");
}

TORUS_TEST(rw_lock, S312_who_was_handed_it_receives_it_and_its_cancel_stays_pending) {
    rw_lock l;
    std::string log;
    auto held = co_await l.write_lock();
    auto reader = create_task(read(l, log, 'r', 1h));
    co_await let_others_run();
    held.unlock();
    reader.cancel();
    co_await expect_throws<cancelled_error>(reader);
    EXPECT_EQ(log, "r");
    held = co_await l.write_lock();
    auto writer = create_task(write(l, log, 'W', 1h));
    co_await let_others_run();
    held.unlock();
    writer.cancel();
    co_await expect_throws<cancelled_error>(writer);
    EXPECT_EQ(log, "rW");
    EXPECT_TRUE(l.try_write_lock());
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(rw_lock, S312_cancelled_at_every_pass_it_is_free_in_the_end) {
    for (int passes = 0; passes < 15; ++passes) {
        for (std::size_t victim = 0; victim < 6; ++victim) {
            rw_lock l;
            std::string log;
            std::vector<task<>> tasks;
            for (int i = 0; i < 6; ++i)
                tasks.push_back(create_task(i % 3 == 1 ? write(l, log, 'W', 0s) : read(l, log, 'r', 0s)));
            co_await let_others_run(passes);
            tasks[victim].cancel();
            for (task<>& each : tasks) co_await ended(each);
            EXPECT_TRUE(l.try_write_lock()) << passes << " passes, victim " << victim;
            EXPECT_GE(log.size(), 5U);
        }
    }
}

TORUS_TEST(rw_lock, S313_a_writer_goes_on_as_a_reader_and_nobody_writes_in_between) {
    rw_lock l;
    std::string log;
    auto writing = co_await l.write_lock();
    auto reader = create_task(read(l, log, 'r', 0s));
    auto writer = create_task(write(l, log, 'W', 0s));
    co_await let_others_run();
    auto reading = writing.downgrade();
    EXPECT_FALSE(writing);
    EXPECT_TRUE(reading);
    EXPECT_FALSE(l.written());
    EXPECT_EQ(l.readers(), 2U) << "the first in line was a reader";
    co_await reader;
    co_await let_others_run();
    EXPECT_EQ(log, "r");
    reading.unlock();
    co_await writer;
    EXPECT_EQ(log, "rW");
    EXPECT_FALSE(writing.downgrade()) << "of nothing is nothing";
}

TORUS_TEST(rw_lock, trying_overtakes_nobody) {
    rw_lock l;
    std::string log;
    auto reading = l.try_read_lock();
    EXPECT_TRUE(reading);
    EXPECT_TRUE(l.try_read_lock());
    EXPECT_FALSE(l.try_write_lock());
    auto writer = create_task(write(l, log, 'W'));
    co_await let_others_run();
    EXPECT_FALSE(l.try_read_lock()) << "a writer waits";
    reading.unlock();
    EXPECT_FALSE(l.try_read_lock()) << "it is the writer's already";
    co_await writer;
    auto writing = l.try_write_lock();
    EXPECT_TRUE(writing);
    auto moved = std::move(writing);
    EXPECT_FALSE(writing);
    moved.unlock();
    moved.unlock();
    EXPECT_FALSE(l.written());
}

TORUS_TEST(rw_lock, S60_one_held_by_another_loop_is_refused) {
    rw_lock l;
    auto held = co_await l.read_lock();
    const std::string refused = co_await to_thread(
        [](rw_lock* shared) {
            try {
                run([](rw_lock& foreign) -> async<> { auto never = co_await foreign.read_lock(); }(*shared));
            } catch (const std::runtime_error& error) {
                return std::string(error.what());
            }
            return ""s;
        },
        &l);
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
}

TORUS_TEST(rw_lock, destroyed_before_those_who_wait_it_leaves_them_cancellable) {
    auto l = std::make_unique<rw_lock>();
    std::string log;
    auto holder = create_task([](std::unique_ptr<rw_lock>& dying) -> async<> {
        auto held = co_await dying->write_lock();
        co_await let_others_run();
        held.unlock();
    }(l));
    co_await holder;
    auto held = std::make_unique<rw_lock::write_guard>(co_await l->write_lock());
    auto waiting = create_task(write(*l, log, 'W'));
    co_await let_others_run();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
    held.reset();
    l.reset();
}

}  // namespace
