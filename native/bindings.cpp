// The core as a Python module: arrays in, arrays out. It checks shapes; everything else is checked in Python.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <memory>

#include "cascade.hpp"
#include "dispatch.hpp"
#include "nms.hpp"
#include "scores.hpp"
#include "warp.hpp"

namespace nb = nanobind;

namespace facecascade {

namespace {

using PictureArray = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;
using StridedArray = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::device::cpu>;
using MatrixArray = nb::ndarray<const double, nb::shape<2, 3>, nb::c_contig, nb::device::cpu>;
using BoxArray = nb::ndarray<const double, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>;
using ScoreArray = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using TensorArray = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;

template <class T>
using Out = nb::ndarray<nb::numpy, T>;

// A NumPy array that owns what `values` held.
template <class T>
Out<T> array(std::vector<T>&& values, std::vector<std::size_t> shape) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    T* data = owner->data();
    const nb::capsule free(owner.get(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    owner.release();
    return Out<T>(data, shape.size(), shape.data(), free);
}

PictureView view(const PictureArray& picture) {
    return {picture.data(), static_cast<int>(picture.shape(0)), static_cast<int>(picture.shape(1)),
            static_cast<std::ptrdiff_t>(3 * picture.shape(1))};
}

Geometry geometry_of(bool classic) { return classic ? Geometry::classic() : Geometry::subpixel(); }

// Weights by name out of a dict of arrays; the arrays must outlive what this returns.
class TensorReader {
public:
    explicit TensorReader(const nb::dict& tensors) : tensors_(tensors) {}

    const float* get(const std::string& name, std::size_t size) const {
        const auto tensor = nb::cast<TensorArray>(tensors_[name.c_str()], false);
        if (tensor.size() != size)
            throw nb::value_error(("expected " + std::to_string(size) + " numbers in " + name).c_str());
        return tensor.data();
    }

    ConvTensors conv(const std::string& name, const std::string& prelu, std::size_t in, std::size_t out) const {
        return {get(name + ".weight", in * out), get(name + ".bias", out), get(prelu + ".alpha", out)};
    }

    HeadTensors head(const std::string& name, std::size_t in, std::size_t out) const {
        return {get(name + ".weight", in * out), get(name + ".bias", out)};
    }

    NetworkTensors networks() const {
        return {{{conv("pnet.conv1", "pnet.prelu1", 9 * 3, 10), conv("pnet.conv2", "pnet.prelu2", 9 * 10, 16),
                  conv("pnet.conv3", "pnet.prelu3", 9 * 16, 32)},
                 head("pnet.score", 32, 2),
                 head("pnet.box", 32, 4)},
                {{conv("rnet.conv1", "rnet.prelu1", 9 * 3, 28), conv("rnet.conv2", "rnet.prelu2", 9 * 28, 48),
                  conv("rnet.conv3", "rnet.prelu3", 4 * 48, 64)},
                 conv("rnet.dense", "rnet.prelu4", 9 * 64, 128),
                 head("rnet.score", 128, 2),
                 head("rnet.box", 128, 4)},
                {{conv("onet.conv1", "onet.prelu1", 9 * 3, 32), conv("onet.conv2", "onet.prelu2", 9 * 32, 64),
                  conv("onet.conv3", "onet.prelu3", 9 * 64, 64), conv("onet.conv4", "onet.prelu4", 4 * 64, 128)},
                 conv("onet.dense", "onet.prelu5", 9 * 128, 256),
                 head("onet.score", 256, 2),
                 head("onet.box", 256, 4),
                 head("onet.landmarks", 256, 10)}};
    }

private:
    const nb::dict& tensors_;
};

// boxes (n, 4), scores (n,)
nb::tuple proposals_tuple(const Proposals& proposals) {
    std::vector<float> boxes, scores;
    boxes.reserve(4 * proposals.size());
    for (const Box& box : proposals.boxes)
        for (const double side : box) boxes.push_back(static_cast<float>(side));
    for (const float logit : proposals.logits) scores.push_back(static_cast<float>(probability(logit)));
    const std::size_t n = proposals.size();
    return nb::make_tuple(array(std::move(boxes), {n, 4}), array(std::move(scores), {n}));
}

nb::dict seconds_dict(const StageSeconds& seconds) {
    nb::dict dict;
    dict["pyramid"] = seconds.pyramid;
    dict["pnet"] = seconds.pnet;
    dict["proposals"] = seconds.proposals;
    dict["rnet"] = seconds.rnet;
    dict["refined"] = seconds.refined;
    dict["onet"] = seconds.onet;
    dict["faces"] = seconds.faces;
    return dict;
}

nb::object landmarks_array(const Detections& found, int stages) {
    if (stages == 2) return nb::none();
    std::vector<float> points;
    points.reserve(10 * found.landmarks.size());
    for (const auto& face : found.landmarks)
        for (const double value : face) points.push_back(static_cast<float>(value));
    return nb::cast(array(std::move(points), {found.landmarks.size(), 5, 2}));
}

// What a transform shows of the picture, (height, width, 3).
Out<std::uint8_t> bound_warp(const StridedArray& picture, const MatrixArray& back, int height, int width,
                             std::tuple<std::uint8_t, std::uint8_t, std::uint8_t> fill) {
    if (height < 1 || width < 1) throw nb::value_error("expected a crop of at least one pixel");
    const StridedPicture seen{picture.data(),
                              static_cast<int>(picture.shape(0)),
                              static_cast<int>(picture.shape(1)),
                              picture.stride(0),
                              picture.stride(1),
                              picture.stride(2)};
    const double* rows = back.data();
    const Affine affine{{rows[0], rows[1], rows[2]}, {rows[3], rows[4], rows[5]}};
    const auto [red, green, blue] = fill;
    std::vector<std::uint8_t> crop;
    {
        const nb::gil_scoped_release release;
        crop = warp(seen, affine, height, width, {red, green, blue});
    }
    return array(std::move(crop), {static_cast<std::size_t>(height), static_cast<std::size_t>(width), 3});
}

class BoundCascade {
public:
    BoundCascade(const nb::dict& tensors, const std::string& instruction_set, int threads) {
        const Kernels* kernels = find_kernels(instruction_set);
        if (kernels == nullptr) throw nb::value_error(("no kernels for " + instruction_set).c_str());
        cascade_ = std::make_unique<Cascade>(TensorReader(tensors).networks(), *kernels, threads);
    }

    // For each picture: (boxes, scores), landmarks or None; with `trace` also (boxes, scores) after P-Net and R-Net,
    // the number of windows that passed P-Net at each level, and the seconds that each stage took.
    nb::list detect(const std::vector<PictureArray>& pictures, const std::vector<std::vector<double>>& scales,
                    std::tuple<double, double, double> thresholds, bool classic, int stages, bool trace) {
        if (pictures.size() != scales.size()) throw nb::value_error("expected as many lists of scales as pictures");
        std::vector<PictureView> views;
        std::vector<Query> queries;
        for (std::size_t i = 0; i < pictures.size(); ++i) {
            views.push_back(view(pictures[i]));
            const auto [first, second, third] = thresholds;
            queries.push_back({scales[i], {first, second, third}, geometry_of(classic), stages});
        }
        std::vector<Detections> found;
        {
            const nb::gil_scoped_release release;
            found = cascade_->detect(views, queries);
        }
        nb::list results;
        for (const Detections& one : found) {
            const auto faces = proposals_tuple(one.faces);
            const auto landmarks = landmarks_array(one, stages);
            if (trace)
                results.append(nb::make_tuple(faces, landmarks, proposals_tuple(one.proposals),
                                              proposals_tuple(one.refined), one.candidates, seconds_dict(one.seconds)));
            else
                results.append(nb::make_tuple(faces, landmarks));
        }
        return results;
    }

    // The picture at this size, (height, width, 3).
    Out<std::uint8_t> level(const PictureArray& picture, int height, int width) {
        const Pyramid pyramid = cascade_->pyramid(view(picture), height, width);
        const LevelView& level = pyramid.levels().front();
        std::vector<std::uint8_t> pixels;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                for (int channel = 0; channel < 3; ++channel) pixels.push_back(level.row(channel, y)[x]);
        return array(std::move(pixels), {static_cast<std::size_t>(height), static_cast<std::size_t>(width), 3});
    }

    // P-Net over the picture at its own size: probability (h', w') and regression (h', w', 4).
    nb::tuple pnet(const PictureArray& picture) {
        const PictureView seen = view(picture);
        const Pyramid pyramid = cascade_->pyramid(seen, seen.height, seen.width);
        const auto windows = cascade_->pnet(pyramid.levels().front(), -INFINITY);
        const int height = map_side(seen.height), width = map_side(seen.width);
        std::vector<float> scores, regression;
        for (const Candidate& window : windows) {
            scores.push_back(static_cast<float>(probability(window.logit)));
            regression.insert(regression.end(), std::begin(window.regression), std::end(window.regression));
        }
        const auto h = static_cast<std::size_t>(height), w = static_cast<std::size_t>(width);
        if (scores.size() != h * w) throw std::logic_error("P-Net missed a window");
        return nb::make_tuple(array(std::move(scores), {h, w}), array(std::move(regression), {h, w, 4}));
    }

    // Crops of these boxes through R-Net: (n, 5), probability and regression.
    Out<float> rnet(const PictureArray& picture, const BoxArray& boxes, bool classic) {
        const auto rows = rows_of(boxes);
        return scored(cascade_->rnet(view(picture), rows, geometry_of(classic)), rows.size(), kRNetOutputs);
    }

    // Crops of these boxes through O-Net: (n, 15), probability, regression, five x and five y in shares of the box.
    Out<float> onet(const PictureArray& picture, const BoxArray& boxes, bool classic) {
        const auto rows = rows_of(boxes);
        return scored(cascade_->onet(view(picture), rows, geometry_of(classic)), rows.size(), kONetOutputs);
    }

    // Positions that stay after non-maximum suppression, best first.
    std::vector<int> suppress(const BoxArray& boxes, const ScoreArray& scores, double threshold, bool classic,
                              bool smaller) {
        if (boxes.shape(0) != scores.shape(0)) throw nb::value_error("expected as many scores as boxes");
        return facecascade::suppress(rows_of(boxes), {scores.data(), scores.shape(0)}, threshold, geometry_of(classic),
                                     smaller ? Overlap::kSmaller : Overlap::kUnion, cascade_->kernels());
    }

private:
    static std::vector<Box> rows_of(const BoxArray& boxes) {
        std::vector<Box> rows(boxes.shape(0));
        for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(boxes.data() + 4 * i, 4, rows[i].begin());
        return rows;
    }

    static Out<float> scored(std::vector<float>&& outputs, std::size_t rows, std::size_t columns) {
        for (std::size_t i = 0; i < rows; ++i)
            outputs[i * columns] = static_cast<float>(probability(outputs[i * columns]));
        return array(std::move(outputs), {rows, columns});
    }

    std::unique_ptr<Cascade> cascade_;
};

}  // namespace

}  // namespace facecascade

NB_MODULE(_native, module) {
    using facecascade::BoundCascade;
    // Python may exit while detectors live, in a module of the user's or in a thread; that is no leak to report to
    // them.
    nb::set_leak_warnings(false);
    module.doc() = "The C++ core of facecascade; use facecascade.MTCNN.";
    module.def(
        "instruction_sets",
        [] {
            std::vector<std::tuple<std::string, int>> found;
            for (const auto* kernels : facecascade::runnable_kernels())
                found.emplace_back(kernels->name, kernels->lanes);
            return found;
        },
        "(name, floats a vector holds) of each instruction set that was built and that this machine runs, best first.");
    module.def("warp", &facecascade::bound_warp, nb::arg("picture").noconvert(), nb::arg("back").noconvert(),
               nb::arg("height"), nb::arg("width"), nb::arg("fill"),
               "What a transform from the crop's pixels to the picture's, both counted from the edges, shows of it.");
    nb::class_<BoundCascade>(module, "Cascade")
        .def(nb::init<const nb::dict&, const std::string&, int>(), nb::arg("tensors"), nb::arg("instruction_set"),
             nb::arg("threads"))
        .def("detect", &BoundCascade::detect, nb::arg("pictures"), nb::arg("scales"), nb::arg("thresholds"),
             nb::arg("classic"), nb::arg("stages"), nb::arg("trace"))
        .def("level", &BoundCascade::level, nb::arg("picture"), nb::arg("height"), nb::arg("width"))
        .def("pnet", &BoundCascade::pnet, nb::arg("picture"))
        .def("rnet", &BoundCascade::rnet, nb::arg("picture"), nb::arg("boxes"), nb::arg("classic"))
        .def("onet", &BoundCascade::onet, nb::arg("picture"), nb::arg("boxes"), nb::arg("classic"))
        .def("suppress", &BoundCascade::suppress, nb::arg("boxes"), nb::arg("scores"), nb::arg("threshold"),
             nb::arg("classic"), nb::arg("smaller"));
}
