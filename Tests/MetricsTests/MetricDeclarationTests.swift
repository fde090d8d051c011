import SeededRandom
import Testing

@testable import Metrics

@Suite struct MetricDeclarationTests {
    @Test func anEmptyRegistryDeclaresNothing() {
        #expect(MetricRegistry().declarations.isEmpty)
    }

    @Test func everyWayToRegisterDeclaresTheMetric() {
        let registry = MetricRegistry()
        _ = registry.counter("a_total", "One.")
        _ = registry.counter("b_total", "Two.", labels: ["x", "y"])
        registry.counter("c_total", "Three.") { 0 }
        _ = registry.gauge("d", "Four.")
        _ = registry.gauge("e", "Five.", labels: ["x"])
        registry.gauge("f", "Six.") { 0 }
        registry.gauge("g", "Seven.", labels: ["z"]) { [] }
        _ = registry.histogram("h_seconds", "Eight.")
        _ = registry.histogram("i_seconds", "Nine.", labels: ["x"])
        #expect(
            registry.declarations == [
                MetricDeclaration(.counter, "a_total", "One.", labels: []),
                MetricDeclaration(.counter, "b_total", "Two.", labels: ["x", "y"]),
                MetricDeclaration(.counter, "c_total", "Three.", labels: []),
                MetricDeclaration(.gauge, "d", "Four.", labels: []),
                MetricDeclaration(.gauge, "e", "Five.", labels: ["x"]),
                MetricDeclaration(.gauge, "f", "Six.", labels: []),
                MetricDeclaration(.gauge, "g", "Seven.", labels: ["z"]),
                MetricDeclaration(.histogram, "h_seconds", "Eight.", labels: []),
                MetricDeclaration(.histogram, "i_seconds", "Nine.", labels: ["x"]),
            ])
    }

    @Test func declarationsNeedNoChildAndReadNoMetric() {
        let registry = MetricRegistry()
        registry.gauge("read", "Never read here.") {
            Issue.record("a declaration does not read the metric")
            return 0
        }
        #expect(registry.declarations.map(\.name) == ["read"])
    }

    /// The page and the declarations agree about every metric, whatever was registered.
    @Test(arguments: 0..<50) func thePageShowsWhatIsDeclared(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let registry = MetricRegistry()
        for index in 0..<random.number(0...12) {
            let help = random.text()
            switch random.number(0...3) {
            case 0: registry.counter("c\(index)_total", help).add(random.number(0...9))
            case 1: registry.counter("f\(index)_total", help, labels: ["x"]).with(labels: [random.text()]).add()
            case 2: registry.gauge("g\(index)", help).set(random.number(-9...9))
            default: registry.histogram("h\(index)", help).observe(random.number(0...1_000_000))
            }
        }
        let page = try ExpositionPage(registry.exposition())
        #expect(page.metrics.map(\.name) == registry.declarations.map(\.name))
        #expect(page.metrics.map(\.type) == registry.declarations.map(\.kind.rawValue))
        #expect(page.metrics.map { Array($0.help.utf8) } == registry.declarations.map { Array($0.help.utf8) })
    }

    @Test func namesOfKindsAreThoseOfPrometheus() {
        #expect(MetricDeclaration.Kind.allCases.map(\.rawValue) == ["counter", "gauge", "histogram"])
    }
}

@Suite struct MetricDeclarationMisuseTests {
    @Test func anInvalidNameEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("9a", "No name.") }
    }

    @Test func anInvalidLabelEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("a", "Reserved.", labels: ["le"]) }
    }

    @Test func aLabelTwiceEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("a", "Twice.", labels: ["x", "x"]) }
    }
}
