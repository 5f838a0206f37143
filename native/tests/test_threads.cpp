#include <atomic>
#include <stdexcept>
#include <thread>

#include "check.hpp"
#include "threads.hpp"

using facecascade::ThreadPool;

TEST(every_index_runs_once) {
    for (const int threads : {1, 2, 7}) {
        ThreadPool pool(threads);
        for (const int count : {0, 1, 2, 1000}) {
            std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
            pool.for_each(count, [&](int i) { ++seen[static_cast<std::size_t>(i)]; });
            for (const auto& times : seen) CHECK(times == 1);
        }
    }
}

TEST(loops_nest) {
    ThreadPool pool(3);
    std::atomic<int> sum{0};
    pool.for_each(20, [&](int) { pool.for_each(20, [&](int i) { sum += i; }); });
    CHECK(sum == 20 * 190);
}

TEST(many_callers_share_a_pool) {
    ThreadPool pool(3);
    std::atomic<int> sum{0};
    std::vector<std::thread> callers;
    for (int c = 0; c < 8; ++c)
        callers.emplace_back([&] {
            for (int round = 0; round < 50; ++round) pool.for_each(10, [&](int) { ++sum; });
        });
    for (auto& caller : callers) caller.join();
    CHECK(sum == 8 * 50 * 10);
}

TEST(an_exception_reaches_the_caller_and_the_pool_lives_on) {
    ThreadPool pool(4);
    for (int round = 0; round < 20; ++round) {
        bool caught = false;
        try {
            pool.for_each(100, [](int i) {
                if (i == 37) throw std::runtime_error("index 37");
            });
        } catch (const std::runtime_error&) {
            caught = true;
        }
        CHECK(caught);
    }
    std::atomic<int> sum{0};
    pool.for_each(100, [&](int) { ++sum; });
    CHECK(sum == 100);
}
