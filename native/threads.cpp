#include "threads.hpp"

#include <unistd.h>

#include <algorithm>

namespace facecascade {

ThreadPool::ThreadPool(int threads) : threads_(std::max(threads, 1)), owner_(getpid()) {
    helpers_.reserve(static_cast<std::size_t>(threads_ - 1));
    for (int i = 1; i < threads_; ++i) helpers_.emplace_back([this] { help(); });
}

ThreadPool::~ThreadPool() {
    if (getpid() != owner_) {
        // The threads stayed behind in the process that forked: nothing to join, and a joinable thread may not die.
        for (auto& helper : helpers_) helper.detach();
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    for (auto& helper : helpers_) helper.join();
}

void ThreadPool::Job::work() noexcept {
    for (int i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
        try {
            task(i);
        } catch (...) {
            const std::lock_guard lock(error_mutex);
            if (!error) error = std::current_exception();
            next.store(count);
        }
    }
}

void ThreadPool::for_each(int count, const std::function<void(int)>& task) {
    if (threads_ == 1 || count <= 1 || getpid() != owner_) {
        for (int i = 0; i < count; ++i) task(i);
        return;
    }
    Job job(task, count);
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(&job);
    }
    for (int i = 1; i < std::min(count, threads_); ++i) work_.notify_one();
    job.work();
    {
        std::unique_lock lock(mutex_);
        std::erase(jobs_, &job);
        done_.wait(lock, [&] { return job.helpers == 0; });
    }
    if (job.error) std::rethrow_exception(job.error);
}

void ThreadPool::help() {
    std::unique_lock lock(mutex_);
    while (true) {
        work_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        Job& job = *jobs_.front();
        ++job.helpers;
        lock.unlock();
        job.work();
        lock.lock();
        std::erase(jobs_, &job);  // nothing is left of it to begin
        if (--job.helpers == 0) done_.notify_all();
    }
}

}  // namespace facecascade
