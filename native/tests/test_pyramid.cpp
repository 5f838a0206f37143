#include <algorithm>

#include "check.hpp"
#include "dispatch.hpp"
#include "fixtures.hpp"
#include "pyramid.hpp"

using namespace facecascade;
using facecascade::tests::RandomPicture;

TEST(weights_of_a_cell_sum_to_one) {
    for (int size = 1; size < 80; ++size)
        for (int cells = 1; cells < 100; cells += 3) {
            const AxisTable table(size, cells);
            const AxisWeights weights = table.view();
            for (int cell = 0; cell < cells; ++cell) {
                const int first = weights.first[static_cast<std::size_t>(cell)];
                CHECK(first >= 0);
                int sum = 0, pixel = first;
                for (const int weight : weights.of(cell)) {
                    CHECK(weight >= 0);
                    CHECK(weight == 0 || pixel < size);
                    sum += weight;
                    ++pixel;
                }
                CHECK(sum == 1 << kPyramidBits);
            }
        }
}

TEST(a_level_is_the_area_average_and_alike_in_every_set) {
    ThreadPool pool(2);
    ScratchStock stock;
    const RandomPicture picture(60, 90, 3);
    const PictureView view = picture.view();
    for (const Kernels* kernels : runnable_kernels()) {
        const Pyramid same(view, 60, 90, *kernels, pool, stock);
        const Pyramid third(view, 20, 30, *kernels, pool, stock);
        for (int y = 0; y < 60; ++y)
            for (int x = 0; x < 90; ++x)
                for (int c = 0; c < 3; ++c) CHECK(same.levels()[0].row(c, y)[x] == view.row(y)[3 * x + c]);
        for (int y = 0; y < 20; ++y)
            for (int x = 0; x < 30; ++x)
                for (int c = 0; c < 3; ++c) {
                    double sum = 0;
                    for (int i = 0; i < 3; ++i)
                        for (int j = 0; j < 3; ++j) sum += view.row(3 * y + i)[3 * (3 * x + j) + c];
                    CHECK_NEAR(third.levels()[0].row(c, y)[x], sum / 9, 0.51);
                }
    }
}

TEST(slices_are_rows_of_the_whole_level) {
    ThreadPool pool(2);
    ScratchStock stock;
    const RandomPicture picture(211, 90, 4);
    const std::vector<Slice> slices{{150, 61, 0, 40}, {150, 61, 30, 150}, {80, 33, 79, 80}};
    for (const Kernels* kernels : runnable_kernels()) {
        const Pyramid parts(picture.view(), slices, *kernels, pool, stock);
        for (std::size_t i = 0; i < slices.size(); ++i) {
            const Slice& slice = slices[i];
            const Pyramid whole(picture.view(), slice.height, slice.width, *kernels, pool, stock);
            CHECK(parts.levels()[i].height == slice.y1 - slice.y0);
            for (int c = 0; c < 3; ++c)
                for (int y = slice.y0; y < slice.y1; ++y)
                    CHECK(std::equal(whole.levels()[0].row(c, y), whole.levels()[0].row(c, y) + slice.width,
                                     parts.levels()[i].row(c, y - slice.y0)));
        }
    }
}

TEST(a_plain_picture_stays_plain_at_every_size) {
    ThreadPool pool(1);
    ScratchStock stock;
    for (const int shade : {0, 1, 128, 255}) {
        const std::vector<std::uint8_t> pixels(3 * 37 * 53, static_cast<std::uint8_t>(shade));
        const PictureView view{pixels.data(), 37, 53, 3 * 53};
        for (const Kernels* kernels : runnable_kernels())
            for (const double scale : {0.3, 0.51, 0.97, 1.0, 1.7}) {
                const Pyramid pyramid(view, std::vector{scaled(view, scale)}, *kernels, pool, stock);
                const LevelView& level = pyramid.levels()[0];
                for (int y = 0; y < level.height; ++y)
                    for (int x = 0; x < level.width; ++x)
                        for (int c = 0; c < 3; ++c) CHECK(level.row(c, y)[x] == shade);
            }
    }
}
