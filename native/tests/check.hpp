// Tests without a framework: TEST(name) { ... } registers itself, CHECK and CHECK_NEAR report and go on.
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

namespace facecascade::tests {

struct Test {
    const char* name;
    std::function<void()> body;
};

inline std::vector<Test>& all_tests() {
    static std::vector<Test> tests;
    return tests;
}

inline int& failures() {
    static int count = 0;
    return count;
}

struct Register {
    Register(const char* name, std::function<void()> body) { all_tests().push_back({name, std::move(body)}); }
};

inline void check(bool passed, const char* what, const char* file, int line) {
    if (passed) return;
    ++failures();
    std::printf("%s:%d: not true: %s\n", file, line, what);
}

inline void check_near(double a, double b, double tolerance, const char* what, const char* file, int line) {
    if (std::abs(a - b) <= tolerance) return;
    ++failures();
    std::printf("%s:%d: %.9g and %.9g differ by more than %g: %s\n", file, line, a, b, tolerance, what);
}

}  // namespace facecascade::tests

#define TEST(name)                                                          \
    static void name();                                                     \
    static const facecascade::tests::Register register_##name(#name, name); \
    static void name()
#define CHECK(condition) facecascade::tests::check(condition, #condition, __FILE__, __LINE__)
#define CHECK_NEAR(a, b, tolerance) facecascade::tests::check_near(a, b, tolerance, #a ", " #b, __FILE__, __LINE__)
