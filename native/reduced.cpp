#include "reduced.hpp"

#include <algorithm>

namespace facecascade {

namespace {

constexpr int kShareBits = 48;
constexpr int kFewRows = 256;  // 16 bits hold the sum of so many bytes

int blocks(int length, int factor) { return static_cast<int>((std::int64_t{length} + factor - 1) / factor); }

void add_bytes(const std::uint8_t* __restrict from, int n, std::uint16_t* __restrict sums) {
    for (int i = 0; i < n; ++i) sums[i] = static_cast<std::uint16_t>(sums[i] + from[i]);
}

void add_sums(const std::uint16_t* __restrict from, int n, std::uint32_t* __restrict sums) {
    for (int i = 0; i < n; ++i) sums[i] += from[i];
}

std::int16_t level(int value) { return static_cast<std::int16_t>(value << kLevelBits); }

}  // namespace

ReducedPicture::ReducedPicture(const StridedPicture& picture, int factor, Colour fill)
    : picture_(picture),
      factor_(factor),
      rows_(blocks(picture.height, factor)),
      columns_(blocks(picture.width, factor)),
      fill_(fill) {
    const auto pixels = static_cast<std::uint64_t>(factor) * static_cast<std::uint64_t>(factor);
    share_ = ((std::uint64_t{1} << (kShareBits + kLevelBits)) + pixels / 2) / pixels;
}

void ReducedPicture::row(std::int64_t y, std::int64_t first, std::int64_t end, std::int16_t* out) {
    const auto columns = std::int64_t{columns_};
    const bool outside = y < 0 || y >= rows_;
    const std::int64_t from = outside ? end : std::clamp(std::int64_t{0}, first, end);
    const std::int64_t to = outside ? end : std::clamp(columns, from, end);
    const auto fill_up = [&](std::int64_t begin, std::int64_t stop) {
        for (std::int16_t* at = out + 4 * (begin - first); begin < stop; ++begin, at += 4) {
            for (std::size_t c = 0; c < 3; ++c) at[c] = level(fill_[c]);
            at[3] = 0;
        }
    };
    fill_up(first, from);
    if (from < to) {
        std::int16_t* const inside = out + 4 * (from - first);
        if (factor_ == 1)
            copy(static_cast<int>(y), static_cast<int>(from), static_cast<int>(to), inside);
        else
            average(static_cast<int>(y), static_cast<int>(from), static_cast<int>(to), inside);
    }
    fill_up(to, end);
}

void ReducedPicture::copy(int y, int first, int end, std::int16_t* out) const {
    const std::uint8_t* from = picture_.at(y, first);
    for (int x = first; x < end; ++x, from += picture_.column_stride, out += 4) {
        for (int c = 0; c < 3; ++c) out[c] = level(from[c * picture_.channel_stride]);
        out[3] = 0;
    }
}

void ReducedPicture::average(int y, int first, int end, std::int16_t* out) {
    const int top = y * factor_, bottom = std::min(picture_.height - top, factor_) + top;
    const int left = first * factor_;
    const int right = static_cast<int>(std::min(std::int64_t{picture_.width}, std::int64_t{end} * factor_));
    const auto size = 3 * static_cast<std::size_t>(end - first) * static_cast<std::size_t>(factor_);
    const auto inside = 3 * static_cast<std::size_t>(right - left);
    tall_.assign(size, 0);
    if (bottom - top < factor_) add_fill(0, inside, factor_ - (bottom - top));
    add_fill(inside, size, factor_);
    for (int some = top; some < bottom; some += kFewRows)
        add_rows(some, std::min(some + kFewRows, bottom), left, right);
    switch (factor_) {
        case 2:
            return average_columns<2>(end - first, out);
        case 3:
            return average_columns<3>(end - first, out);
        default:
            return average_columns<0>(end - first, out);
    }
}

template <int Factor>
void ReducedPicture::average_columns(int count, std::int16_t* out) const {
    const int factor = Factor ? Factor : factor_;
    const std::uint32_t* from = tall_.data();
    for (; count > 0; --count, out += 4) {
        std::uint32_t red = 0, green = 0, blue = 0;
        for (int i = 0; i < factor; ++i, from += 3) {
            red += from[0];
            green += from[1];
            blue += from[2];
        }
        const auto mean = [&](std::uint32_t sum) {
            return static_cast<std::int16_t>((sum * share_ + (std::uint64_t{1} << (kShareBits - 1))) >> kShareBits);
        };
        out[0] = mean(red);
        out[1] = mean(green);
        out[2] = mean(blue);
        out[3] = 0;
    }
}

void ReducedPicture::add_fill(std::size_t from, std::size_t to, int rows) {
    for (std::size_t i = from; i < to; ++i) tall_[i] += static_cast<std::uint32_t>(rows) * fill_[i % 3];
}

void ReducedPicture::add_rows(int top, int bottom, int left, int right) {
    const int n = 3 * (right - left);
    few_.assign(static_cast<std::size_t>(n), 0);
    for (int y = top; y < bottom; ++y) {
        const std::uint8_t* from = picture_.at(y, left);
        if (picture_.column_stride == 3 && picture_.channel_stride == 1) {
            add_bytes(from, n, few_.data());
            continue;
        }
        std::uint16_t* sums = few_.data();
        for (int x = left; x < right; ++x, from += picture_.column_stride, sums += 3)
            for (int c = 0; c < 3; ++c)
                sums[c] = static_cast<std::uint16_t>(sums[c] + from[c * picture_.channel_stride]);
    }
    add_sums(few_.data(), n, tall_.data());
}

}  // namespace facecascade
