// Memory aligned for the widest vectors, and a stock of scratch buffers that threads borrow.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace facecascade {

// Zeroed bytes aligned to 64.
class AlignedBuffer {
public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t bytes)
        : bytes_(bytes), data_(::operator new(bytes, std::align_val_t{kAlignment})) {
        std::memset(data_.get(), 0, bytes);
    }

    std::size_t size() const { return bytes_; }

    template <class T>
    T* as() const {
        return static_cast<T*>(data_.get());
    }

private:
    static constexpr std::size_t kAlignment = 64;
    struct Free {
        void operator()(void* data) const { ::operator delete(data, std::align_val_t{kAlignment}); }
    };

    std::size_t bytes_ = 0;
    std::unique_ptr<void, Free> data_;
};

// What one thread needs while it runs a kernel.
struct Scratch {
    AlignedBuffer network;     // inner values of the networks, then one row of the picture
    AlignedBuffer row;         // one row of the picture, in whole numbers
    AlignedBuffer candidates;  // of one tile

    static void grow(AlignedBuffer& buffer, std::size_t bytes) {
        if (buffer.size() < bytes) buffer = AlignedBuffer(bytes);
    }
};

// Scratch buffers, as many as ever worked at once. A process that was forked from the owner's gets new ones each time:
// a thread that is not there any more may hold the lock.
class ScratchStock {
public:
    class Lease {
    public:
        explicit Lease(ScratchStock& stock) : stock_(stock), scratch_(stock.take()) {}
        ~Lease() { stock_.put(std::move(scratch_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Scratch* operator->() const { return scratch_.get(); }

    private:
        ScratchStock& stock_;
        std::unique_ptr<Scratch> scratch_;
    };

private:
    std::unique_ptr<Scratch> take() {
        if (getpid() != owner_) return std::make_unique<Scratch>();
        const std::lock_guard lock(mutex_);
        if (free_.empty()) {
            free_.reserve(++made_);  // so that putting it back never allocates
            return std::make_unique<Scratch>();
        }
        auto scratch = std::move(free_.back());
        free_.pop_back();
        return scratch;
    }

    void put(std::unique_ptr<Scratch> scratch) {
        if (getpid() != owner_) return;
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(scratch));
    }

    const pid_t owner_ = getpid();
    std::mutex mutex_;
    std::size_t made_ = 0;
    std::vector<std::unique_ptr<Scratch>> free_;
};

}  // namespace facecascade
