#include "check.hpp"

int main() {
    int failed = 0;
    for (const auto& test : facecascade::tests::all_tests()) {
        const int before = facecascade::tests::failures();
        test.body();
        const bool passed = facecascade::tests::failures() == before;
        failed += !passed;
        std::printf("%s %s\n", passed ? "ok    " : "FAILED", test.name);
    }
    const int total = static_cast<int>(facecascade::tests::all_tests().size());
    std::printf("%d passed, %d failed\n", total - failed, failed);
    return failed != 0;
}
