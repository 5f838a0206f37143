#include "threads.hpp"

#include <unistd.h>

#include <algorithm>

namespace facecascade {

ThreadPool::ThreadPool(int threads)
    : threads_(std::max(threads, 1)), owner_(getpid()), shared_(std::make_unique<Shared>()) {
    try {
        for (int i = 1; i < threads_; ++i) shared_->helpers.emplace_back([this] { shared_->help(); });
    } catch (...) {
        shared_->stop();  // those that did start
        throw;
    }
}

ThreadPool::~ThreadPool() {
    // The threads stay behind in the process that forked. To end what they share would wait for them for ever, so a
    // forked process leaves it where it is.
    if (getpid() != owner_) [[maybe_unused]]
        const Shared* left = shared_.release();
    else
        shared_->stop();
}

void ThreadPool::Shared::stop() {
    {
        const std::lock_guard lock(mutex);
        stopping = true;
    }
    work.notify_all();
    for (auto& helper : helpers) helper.join();
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
        const std::lock_guard lock(shared_->mutex);
        shared_->jobs.push_back(&job);
    }
    for (int i = 1; i < std::min(count, threads_); ++i) shared_->work.notify_one();
    job.work();
    {
        std::unique_lock lock(shared_->mutex);
        std::erase(shared_->jobs, &job);
        shared_->done.wait(lock, [&] { return job.helpers == 0; });
    }
    if (job.error) std::rethrow_exception(job.error);
}

void ThreadPool::Shared::help() {
    std::unique_lock lock(mutex);
    while (true) {
        work.wait(lock, [this] { return stopping || !jobs.empty(); });
        if (stopping) return;
        Job& job = *jobs.front();
        ++job.helpers;
        lock.unlock();
        job.work();
        lock.lock();
        std::erase(jobs, &job);  // nothing is left of it to begin
        if (--job.helpers == 0) done.notify_all();
    }
}

}  // namespace facecascade
