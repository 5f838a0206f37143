// A small pool of threads that helps whoever calls it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace facecascade {

// Runs loops on the calling thread and on its own ones together. Any number of threads may call it at once, also from
// inside a loop's body. A process that was forked from the owner's runs its loops alone, for it has no such threads.
class ThreadPool {
public:
    // `threads` counts the caller: 1 starts none. Throws std::system_error if the system has no more threads.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threads() const { return threads_; }

    // Calls task(0) to task(count - 1), in any order, and returns when all are done. The first exception is thrown
    // again here, after which the rest of the indices are skipped.
    void for_each(int count, const std::function<void(int)>& task);

private:
    struct Job {
        Job(const std::function<void(int)>& body, int n) : task(body), count(n) {}

        const std::function<void(int)>& task;
        const int count;
        std::atomic<int> next{0};
        int helpers = 0;  // under the pool's mutex
        std::exception_ptr error;
        std::mutex error_mutex;

        void work() noexcept;
    };

    // What the pool's threads share; it stays in the process that made it.
    struct Shared {
        std::mutex mutex;
        std::condition_variable work, done;
        std::deque<Job*> jobs;
        bool stopping = false;
        std::vector<std::thread> helpers;

        void help();
        void stop();
    };

    const int threads_;
    const pid_t owner_;
    std::unique_ptr<Shared> shared_;
};

}  // namespace facecascade
