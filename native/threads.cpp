#include "threads.hpp"

#include <unistd.h>

#include <algorithm>

namespace facecascade {

ThreadPool::ThreadPool(int threads)
    : threads_(std::max(threads, 1)), owner_(getpid()), shared_(std::make_unique<Shared>()) {
    shared_->helpers.reserve(static_cast<std::size_t>(threads_ - 1));
    for (int i = 1; i < threads_; ++i) shared_->helpers.emplace_back([this] { shared_->help(); });
}

ThreadPool::~ThreadPool() {
    if (getpid() != owner_) {
        // The threads stayed behind in the process that forked. To end what they shared would wait for them for ever,
        // so this process leaves it where it is.
        static_cast<void>(shared_.release());
        return;
    }
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
    }
    shared_->work.notify_all();
    for (auto& helper : shared_->helpers) helper.join();
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
