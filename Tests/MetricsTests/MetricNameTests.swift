import Testing

@testable import Metrics

@Suite struct MetricNameTests {
    @Test(arguments: ["a", "_", ":", "propylon_requests_total", "A9:z_"]) func valid(name: String) {
        #expect(MetricName.isValid(name))
    }

    @Test(arguments: ["", "9a", "a-b", "a b", "é", "a\n", "a{", "a.b", "a@", "a[", "a`"]) func invalid(name: String) {
        #expect(!MetricName.isValid(name))
    }

    @Test(arguments: ["a", "_a", "model", "Model9"]) func validLabel(name: String) {
        #expect(MetricName.isValidLabel(name))
    }

    @Test(arguments: ["", "le", "__name__", "9", "a:b", "a-b", "é"]) func invalidLabel(name: String) {
        #expect(!MetricName.isValidLabel(name))
    }
}
