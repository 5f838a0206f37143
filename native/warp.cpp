#include "warp.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "weights.hpp"

namespace facecascade {

namespace {

constexpr int kBand = 128;  // columns, or sides of a tile, that are made at once: bounds the memory
constexpr int kPositionBits = 28;

// Pixels of the reduced picture in one of the crop, at least, where both lie along the same lines, and where they do
// not: the mean of a block takes contrast from what is nearly as fine as the block.
constexpr double kFinestStraight = 2;
constexpr double kFinestTurned = 1.25;

// Where the centre of the crop's pixel (u, v) lies along one axis of the reduced picture, counted by centres.
struct Axis {
    double u, v, shift;

    double at(double column, double row) const { return u * column + v * row + shift; }
};

// Columns left to right - 1, rows top to bottom - 1.
struct Part {
    int left, right, top, bottom;
};

struct Axes {
    Axis x, y;

    Axes(const Affine& back, int factor) : x(axis(back.x, factor)), y(axis(back.y, factor)) {}

    // Squared pixels of the reduced picture in one of the crop.
    double area() const { return std::abs(x.u * y.v - x.v * y.u); }
    bool straight() const { return x.v == 0 && y.u == 0; }

    // Whether the pixels of this part of the crop may see blocks 0 to width - 1, 0 to height - 1.
    bool sees(int width, int height, const Part& part) const {
        return touches(x, width, part) && touches(y, height, part);
    }

private:
    static Axis axis(const std::array<double, 3>& row, int factor) {
        return {row[0] / factor, row[1] / factor, (row[2] + 0.5 * (row[0] + row[1])) / factor - 0.5};
    }

    static bool touches(const Axis& axis, int length, const Part& part) {
        const int right = part.right - 1, bottom = part.bottom - 1;
        const auto [low, high] = std::minmax({axis.at(part.left, part.top), axis.at(right, part.top),
                                              axis.at(part.left, bottom), axis.at(right, bottom)});
        const double reach = 8 * std::max(std::abs(axis.u) + std::abs(axis.v), 1.0);  // more than all filters together
        return low < length + reach && high > -reach;
    }
};

std::int64_t fixed(double position) {
    return static_cast<std::int64_t>(std::floor(position * (1 << kPositionBits) + 0.5));
}

// A point on an axis, to the nearest phase: the pixel before it, and how far behind that it lies.
struct Point {
    std::int64_t pixel;
    int phase;

    explicit Point(std::int64_t position) {
        constexpr int kDrop = kPositionBits - kPhaseBits;
        const std::int64_t phases = (position + (std::int64_t{1} << (kDrop - 1))) >> kDrop;
        pixel = phases >> kPhaseBits;
        phase = static_cast<int>(phases & ((1 << kPhaseBits) - 1));
    }
};

// A table's kernels with so many taps; 0 for any number.
template <int Taps>
class Weighing {
public:
    explicit Weighing(const BicubicTable& table) : pairs_((Taps ? Taps : table.taps()) / 2), weights_(table.at(0)) {}

    // Weighs the pixels from `from` on, `stride` numbers apart.
    Int4 weigh(const std::int16_t* from, std::ptrdiff_t stride, int phase) const {
        const int pairs = Taps ? Taps / 2 : pairs_;
        const WeightPair* weights = weights_ + phase * pairs;
        Int4 sum = {};
        for (int i = 0; i < pairs; ++i, from += 2 * stride) sum += weigh_two(from, from + stride, weights[i]);
        return sum;
    }

private:
    int pairs_;
    const WeightPair* weights_;
};

inline Short4 rounded(Int4 sum) { return narrow((sum + (1 << (kWeightBits - 1))) >> kWeightBits); }

inline void keep(Int4 sum, std::int16_t* to) {
    const Short4 levels = rounded(sum);
    std::memcpy(to, &levels, sizeof levels);
}

inline void keep_bytes(Int4 sum, std::uint8_t* to) {
    constexpr int kDrop = kWeightBits + kLevelBits;
    sum = (sum + (1 << (kDrop - 1))) >> kDrop;
    sum = sum < 0 ? Int4{} : sum;
    sum = sum > 255 ? Int4{} + 255 : sum;
    for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(sum[c]);
}

// Calls `body` with the number of taps as a constant where it is a usual one.
template <class Body>
void with_taps(int taps, const Body& body) {
    switch (taps) {
        case 4:
            return body.template operator()<4>();
        case 6:
            return body.template operator()<6>();
        case 8:
            return body.template operator()<8>();
        case 10:
            return body.template operator()<10>();
        case 12:
            return body.template operator()<12>();
        default:
            return body.template operator()<0>();
    }
}

struct Canvas {
    std::uint8_t* data;
    int height, width;

    std::uint8_t* at(int y, int x) const { return data + 3 * (static_cast<std::ptrdiff_t>(y) * width + x); }
};

// Enlarging: bicubic interpolation, a tile at a time.
class Interpolation {
public:
    Interpolation(const StridedPicture& picture, const Axes& axes, Colour fill)
        : picture_(picture, 1, fill), axes_(axes), table_(1) {}

    void tile(const Canvas& crop, const Part& part) {
        const auto [left, right, top, bottom] = part;
        const std::int64_t xu = fixed(axes_.x.u), xv = fixed(axes_.x.v), x0 = fixed(axes_.x.shift);
        const std::int64_t yu = fixed(axes_.y.u), yv = fixed(axes_.y.v), y0 = fixed(axes_.y.shift);
        const auto corner = [&](std::int64_t u, std::int64_t v, std::int64_t shift, bool last) {
            const std::int64_t column = (u > 0) == last ? right - 1 : left, row = (v > 0) == last ? bottom - 1 : top;
            return Point(u * column + v * row + shift).pixel;
        };
        const std::int64_t x_first = corner(xu, xv, x0, false) - 1, y_first = corner(yu, yv, y0, false) - 1;
        const std::int64_t x_end = corner(xu, xv, x0, true) + 3, y_end = corner(yu, yv, y0, true) + 3;
        const std::ptrdiff_t stride = 4 * (x_end - x_first);
        window_.resize(static_cast<std::size_t>(stride * (y_end - y_first)));
        for (std::int64_t y = y_first; y < y_end; ++y)
            picture_.row(y, x_first, x_end, window_.data() + stride * (y - y_first));
        for (int v = top; v < bottom; ++v) {
            std::uint8_t* to = crop.at(v, left);
            const Weighing<4> weighing(table_);
            for (int u = left; u < right; ++u, to += 3) {
                const Point x(xu * u + xv * v + x0), y(yu * u + yv * v + y0);
                const std::int16_t* from =
                    window_.data() + stride * (y.pixel - 1 - y_first) + 4 * (x.pixel - 1 - x_first);
                std::int16_t columns[16];
                for (int i = 0; i < 4; ++i) keep(weighing.weigh(from + 4 * i, stride, y.phase), columns + 4 * i);
                keep_bytes(weighing.weigh(columns, 4, x.phase), to);
            }
        }
    }

private:
    ReducedPicture picture_;
    Axes axes_;
    BicubicTable table_;
    std::vector<std::int16_t> window_;
};

// Numbers that nobody sets to 0 first.
class Rows {
public:
    void reserve(std::size_t size) {
        if (size > size_) data_ = std::make_unique_for_overwrite<std::int16_t[]>(size_ = size);
    }
    std::int16_t* data() const { return data_.get(); }

private:
    std::size_t size_ = 0;
    std::unique_ptr<std::int16_t[]> data_;
};

// Shrinking, in three passes, each along one line: every row of the picture is sampled where the columns of the crop
// cross it, two fine columns for one of the crop; along each column its pixels are weighed; and so are they along each
// row of the crop. A crop that is not turned needs no fine columns.
class Shrinking {
public:
    Shrinking(const StridedPicture& picture, const Axes& axes, int factor, Colour fill)
        : picture_(picture, factor, fill),
          axes_(axes),
          times_(axes.straight() ? 1 : 2),
          step_((axes.x.u - axes.x.v * axes.y.u / axes.y.v) / times_),
          slant_(axes.x.v / axes.y.v),
          across_(std::max(std::abs(step_), 1.0), times_ == 1 ? spread(factor) : 0),
          down_(std::max(std::abs(axes.y.v), 1.0), spread(factor) * axes.y.v * axes.y.v / axes.area()),
          half_(BicubicTable::at_middle(2, 4 * spread(factor) / axes.area())),
          y_step_(fixed(axes.y.u / times_)) {
        const double before = (times_ - 1) / 4.0;  // fine column 0 lies so far before column 0
        start_ = fixed(axes.x.shift - slant_ * axes.y.shift - times_ * step_ * before);
        y_start_ = fixed(axes.y.shift - axes.y.u * before);
    }

    void band(const Canvas& crop, const Part& part) {
        const auto [left, right, top, bottom] = part;
        const int border = times_ == 2 ? half_.taps() / 2 - 1 : 0;
        first_column_ = times_ * left - border;
        columns_ = times_ * (right - left) + 2 * border;
        fine_.resize(4 * static_cast<std::size_t>(columns_));
        begin_ = end_ = std::numeric_limits<std::int64_t>::min();
        // A row of the crop needs half of them at once, and then they are moved to the front.
        room_ = 2 * (static_cast<std::int64_t>(std::abs(axes_.y.u / times_) * columns_) + down_.taps() + 4);
        rows_.reserve(4 * static_cast<std::size_t>(room_ * columns_));
        const bool downwards = axes_.y.v > 0;
        for (int i = top; i < bottom; ++i) {
            const int v = downwards ? i : bottom - 1 - (i - top);
            with_taps(down_.taps(), [&]<int Taps> { down<Taps>(v); });
            if (times_ == 2)
                with_taps(half_.taps(), [&]<int Taps> { halve<Taps>(crop.at(v, left), right - left); });
            else
                copy(crop.at(v, left), right - left);
        }
    }

private:
    // Variance of the pixels' places in a block, in squared blocks.
    static double spread(int factor) { return (1 - 1.0 / (factor * factor)) / 12; }

    std::int64_t y_of(int column, int v) const {
        return y_step_ * (first_column_ + column) + fixed(axes_.y.v) * v + y_start_;
    }

    // One row of fine columns.
    template <int Taps>
    void down(int v) {
        const std::int64_t one = Point(y_of(0, v)).pixel, other = Point(y_of(columns_ - 1, v)).pixel;
        need(std::min(one, other) + down_.first(), std::max(one, other) + down_.first() + down_.taps());
        const std::ptrdiff_t stride = 4 * columns_;
        const std::int16_t* from = rows_.data() + stride * (down_.first() - begin_);
        const Weighing<Taps> weighing(down_);
        std::int64_t position = y_of(0, v);
        std::int16_t* to = fine_.data();
        for (std::int16_t* const end = to + stride; to < end; to += 4, from += 4, position += y_step_) {
            const Point y(position);
            keep(weighing.weigh(from + stride * y.pixel, stride, y.phase), to);
        }
    }

    template <int Taps>
    void halve(std::uint8_t* to, int count) const {
        const Weighing<Taps> half(half_);
        const std::int16_t* from = fine_.data();
        for (; count > 0; --count, from += 8, to += 3) keep_bytes(half.weigh(from, 4, 0), to);
    }

    void copy(std::uint8_t* to, int count) const {
        const std::int16_t* from = fine_.data();
        for (; count > 0; --count, from += 4, to += 3) {
            for (int c = 0; c < 3; ++c)
                to[c] =
                    static_cast<std::uint8_t>(std::clamp((from[c] + (1 << (kLevelBits - 1))) >> kLevelBits, 0, 255));
        }
    }

    // Rows `first` to `end` shall be there; both never become less.
    void need(std::int64_t first, std::int64_t end) {
        const std::ptrdiff_t stride = 4 * columns_;
        if (first >= end_) begin_ = end_ = first;
        if (end - begin_ > room_) {
            std::memmove(rows_.data(), rows_.data() + stride * (first - begin_),
                         sizeof(std::int16_t) * static_cast<std::size_t>(stride * (end_ - first)));
            begin_ = first;
        }
        for (; end_ < end; ++end_)
            with_taps(across_.taps(), [&]<int Taps> { across<Taps>(end_, rows_.data() + stride * (end_ - begin_)); });
    }

    template <int Taps>
    void across(std::int64_t y, std::int16_t* to) {
        const std::int64_t step = fixed(step_);
        std::int64_t position = step * first_column_ + fixed(slant_) * y + start_;
        const std::int64_t one = Point(position).pixel, other = Point(position + step * (columns_ - 1)).pixel;
        const std::int64_t first = std::min(one, other) + across_.first();
        const std::int64_t end = std::max(one, other) + across_.first() + across_.taps();
        line_.resize(4 * static_cast<std::size_t>(end - first));
        picture_.row(y, first, end, line_.data());
        const std::int16_t* from = line_.data() + 4 * (across_.first() - first);
        const Weighing<Taps> weighing(across_);
        for (std::int16_t* const last = to + 4 * columns_; to < last; to += 4, position += step) {
            const Point x(position);
            keep(weighing.weigh(from + 4 * x.pixel, 4, x.phase), to);
        }
    }

    ReducedPicture picture_;
    Axes axes_;
    int times_;  // fine columns for one of the crop
    double step_, slant_;  // along a row, from one fine column to the next; from one row to the next
    BicubicTable across_, down_, half_;
    std::int64_t start_, y_start_, y_step_;
    int first_column_ = 0, columns_ = 0;
    std::int64_t begin_ = 0, end_ = 0, room_ = 0;  // which rows are in rows_, and how many can be
    std::vector<std::int16_t> line_, fine_;
    Rows rows_;
};

void fill_up(const Canvas& crop, Colour fill) {
    for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(crop.height) * crop.width; ++i)
        std::copy_n(fill.begin(), 3, crop.data + 3 * i);
}

void enlarge(const StridedPicture& picture, const Affine& back, const Canvas& crop, Colour fill) {
    const Axes axes(back, 1);
    Interpolation interpolation(picture, axes, fill);
    for (int top = 0; top < crop.height; top += kBand) {
        for (int left = 0; left < crop.width; left += kBand) {
            const Part part{left, std::min(left + kBand, crop.width), top, std::min(top + kBand, crop.height)};
            if (axes.sees(picture.width, picture.height, part)) interpolation.tile(crop, part);
        }
    }
}

void shrink(const StridedPicture& picture, const Affine& back, const Canvas& crop, Colour fill) {
    // Columns of the crop shall run down the rows, not along them.
    if (std::abs(back.x[1]) > std::abs(back.y[1])) return shrink(picture.transposed(), {back.y, back.x}, crop, fill);
    const double finest = Axes(back, 1).straight() ? kFinestStraight : kFinestTurned;
    const double reduced = std::floor(std::abs(back.y[1]) / finest);
    const int factor = static_cast<int>(std::clamp(reduced, 1.0, double{ReducedPicture::kLargestFactor}));
    const Axes axes(back, factor);
    Shrinking shrinking(picture, axes, factor, fill);
    const int width = picture.width / factor + 1, height = picture.height / factor + 1;
    for (int left = 0; left < crop.width; left += kBand) {
        const int right = std::min(left + kBand, crop.width);
        Part band{left, right, crop.height, 0};
        for (int top = 0; top < crop.height; top += kBand) {
            const Part part{left, right, top, std::min(top + kBand, crop.height)};
            if (!axes.sees(width, height, part)) continue;
            band.top = std::min(band.top, part.top);
            band.bottom = part.bottom;
        }
        if (band.top < band.bottom) shrinking.band(crop, band);
    }
}

}  // namespace

std::vector<std::uint8_t> warp(const StridedPicture& picture, const Affine& back, int height, int width, Colour fill) {
    std::vector<std::uint8_t> pixels(3 * static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    const Canvas crop{pixels.data(), height, width};
    fill_up(crop, fill);
    if (!Axes(back, 1).sees(picture.width, picture.height, {0, width, 0, height})) return pixels;
    const double area = back.x[0] * back.y[1] - back.x[1] * back.y[0];
    if (area > 1)
        shrink(picture, back, crop, fill);
    else
        enlarge(picture, back, crop, fill);
    return pixels;
}

}  // namespace facecascade
