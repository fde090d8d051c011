// swift-tools-version: 6.2
import PackageDescription

/// Every room is built in the Swift 6 language mode, and a warning is an error.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: settings)
}

let package = Package(
    name: "propylon",
    products: [.executable(name: "propylon", targets: ["propylon"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        room("Bytes"),
        room("Clocks", ["Bytes"]),
        room("HTTP1", ["Bytes"], exclude: ["STRICTNESS.md"]),
        room("Scanners", ["Bytes"]),
        room("OpenAIAPI", ["Bytes", "Scanners"]),
        room("ResponsesAPI", ["Bytes", "Scanners", "OpenAIAPI"]),
        room("MessagesAPI", ["Bytes", "Scanners", "OpenAIAPI"]),
        room("Policy", ["Bytes", "Clocks"]),
        room("Metrics", ["Bytes"]),
        room("Telemetry", ["Bytes", "Clocks", "Metrics"]),
        room(
            "Transport",
            ["CLinux", "COpenSSL", "Bytes", "Clocks", .product(name: "HeapModule", package: "swift-collections")]),
        room("HTTPServer", ["Bytes", "Clocks", "HTTP1", "Transport"]),
        room("HTTPClient", ["Bytes", "Clocks", "HTTP1", "Transport"]),
        room("Store", ["Bytes", "Clocks", "Policy", .product(name: "GRDB", package: "GRDB.swift")]),
        room(
            "Gateway",
            [
                "CZlib", "Bytes", "Clocks", "HTTP1", "OpenAIAPI", "ResponsesAPI", "MessagesAPI", "Policy", "Metrics",
                "Telemetry", "Transport", "HTTPServer", "HTTPClient",
            ]),
        room("Admin", ["Bytes", "HTTP1", "Metrics", "Policy", "Gateway", "HTTPServer", "Transport"]),
        room("Sandbox", ["CZlib", "Bytes", "Clocks", "HTTP1", "Scanners", "Transport", "HTTPServer"]),
        room("Settings", ["Bytes", "Clocks", "Policy", "Yams"]),
        .executableTarget(
            name: "propylon",
            dependencies: [
                "Bytes", "Clocks", "HTTP1", "OpenAIAPI", "Policy", "Metrics", "Telemetry", "Transport", "HTTPServer",
                "HTTPClient", "Store", "Gateway", "Admin", "Sandbox", "Settings", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "limits-benchmark", dependencies: ["Clocks", "Policy"], path: "Benchmarks/Limits",
            swiftSettings: settings),
        .executableTarget(
            name: "translation-benchmark", dependencies: ["OpenAIAPI", "ResponsesAPI", "MessagesAPI"],
            path: "Benchmarks/Translation", swiftSettings: settings),

        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: settings),
        .target(
            name: "ChatFixtures", dependencies: ["OpenAIAPI"], path: "Tests/ChatFixtures", swiftSettings: settings),
        .target(name: "ManualTime", dependencies: ["Clocks"], path: "Tests/ManualTime", swiftSettings: settings),
        .target(
            name: "Loopback", dependencies: ["Clocks", "Transport"], path: "Tests/Loopback", swiftSettings: settings),
        tests(of: "Bytes", ["SeededRandom"]),
        tests(of: "Clocks", ["SeededRandom", "ManualTime"]),
        tests(of: "HTTP1", ["Bytes", "SeededRandom"], exclude: ["Fixtures"]),
        tests(of: "Scanners", ["Bytes", "SeededRandom"]),
        tests(of: "OpenAIAPI", ["Bytes", "Scanners", "SeededRandom"]),
        tests(of: "ResponsesAPI", ["OpenAIAPI", "ChatFixtures", "SeededRandom"]),
        tests(of: "MessagesAPI", ["OpenAIAPI", "ChatFixtures", "SeededRandom"]),
        tests(of: "Policy", ["Bytes", "Clocks", "SeededRandom", "ManualTime"]),
        tests(of: "Metrics", ["SeededRandom"]),
        tests(of: "Telemetry", ["Clocks", "SeededRandom"]),
        tests(of: "Transport", ["Clocks", "CLinux", "Loopback", "SeededRandom", "ManualTime"]),
        tests(of: "HTTPServer", ["Clocks", "HTTP1", "Transport", "Loopback", "ManualTime"]),
        tests(of: "HTTPClient", ["Clocks", "HTTP1", "Transport", "Loopback", "ManualTime", "SeededRandom"]),
        tests(of: "Store", ["Bytes", "Clocks", "Policy", "Loopback", "SeededRandom", "ManualTime"]),
        tests(
            of: "Gateway",
            [
                "CZlib", "Bytes", "Clocks", "HTTP1", "OpenAIAPI", "Policy", "Metrics", "Telemetry", "Transport",
                "HTTPServer", "HTTPClient",
                "Loopback", "ManualTime", "SeededRandom", "ChatFixtures",
            ]),
        tests(
            of: "Admin",
            ["Clocks", "Metrics", "Policy", "Transport", "HTTPServer", "Loopback", "ManualTime", "SeededRandom"]),
        tests(
            of: "Sandbox",
            [
                "CZlib", "Bytes", "Clocks", "HTTP1", "Transport", "HTTPServer", "Loopback", "SeededRandom",
                "ManualTime",
            ]),
        tests(of: "Settings", ["Bytes", "Clocks", "Policy", "SeededRandom"]),
        tests(
            of: "propylon",
            [
                "Admin", "Bytes", "Clocks", "HTTP1", "HTTPClient", "HTTPServer", "Metrics", "OpenAIAPI", "Policy",
                "Store", "Gateway", "Settings", "Telemetry",
                "Transport", "Loopback", "SeededRandom", "ManualTime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// `PROPYLON_FUZZ`, as `scripts/fuzz` sets it, adds the fuzzers. With `coverage` the compiler counts the edges of the rooms that they
// call; with `shipped` it builds these as for a release.
if let mode = Context.environment["PROPYLON_FUZZ"] {
    for target in package.targets {
        if ["OpenAIAPI", "Settings", "Store"].contains(target.name) {
            target.swiftSettings?.append(.unsafeFlags(["-enable-testing"]))
        }
        let isCovered = [
            "Bytes", "HTTP1", "Scanners", "OpenAIAPI", "ResponsesAPI", "MessagesAPI", "Settings", "Store",
        ].contains(target.name)
        if mode == "coverage", isCovered {
            target.swiftSettings?.append(.unsafeFlags(["-sanitize-coverage=edge,inline-8bit-counters,pc-table"]))
        }
    }
    func fuzzer(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
        .executableTarget(
            name: name, dependencies: dependencies, path: "Tests/Fuzz/\(folder)", swiftSettings: settings)
    }
    package.targets += [
        .target(
            name: "CFuzzer", path: "Tests/Fuzz/CFuzzer",
            cSettings: mode == "shipped" ? [.define("PROPYLON_FUZZ_SHIPPED")] : []),
        .target(name: "Fuzzing", dependencies: ["CFuzzer"], path: "Tests/Fuzz/Fuzzing", swiftSettings: settings),
        fuzzer(
            "fuzz-wire", "Wire",
            ["Fuzzing", "Bytes", "HTTP1", "Scanners", "OpenAIAPI", "ResponsesAPI", "MessagesAPI"]),
        fuzzer("fuzz-state", "State", ["Fuzzing", "Clocks", "Policy", "Settings", "Store"]),
        fuzzer(
            "fuzz-reader", "Reader", ["Bytes", "HTTP1", "Scanners", "OpenAIAPI", "ResponsesAPI", "MessagesAPI"]),
    ]
}

// `PROPYLON_ROOMS=Policy,Store swift test` builds and tests these rooms and what they need, nothing else.
if let rooms = Context.environment["PROPYLON_ROOMS"] {
    var wanted = rooms.split(separator: ",").flatMap { [String($0), "\($0)Tests"] }
    var needed: Set<String> = []
    while let name = wanted.popLast() {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for dependency in target.dependencies {
            if case .byNameItem(let name, _) = dependency { wanted.append(name) }
        }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products.removeAll { !needed.contains($0.name) }
}
