// swift-tools-version: 6.2
import PackageDescription

/// Every room is built in the Swift 6 language mode, and a warning is an error.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: settings)
}

let package = Package(
    name: "propylon",
    products: [.executable(name: "propylon", targets: ["propylon"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        room("HTTP1"),
        room("WireScan"),
        room("OpenAIAPI", ["WireScan"]),
        room("Policy"),
        room("Metrics"),
        room("EventLoop", ["CLinux", .product(name: "HeapModule", package: "swift-collections")]),
        room("TLS", ["COpenSSL", "EventLoop"]),
        room("HTTPServer", ["HTTP1", "TLS", "EventLoop"]),
        room("HTTPClient", ["HTTP1", "TLS", "EventLoop"]),
        room("Ledger", ["Policy", .product(name: "GRDB", package: "GRDB.swift")]),
        room(
            "Gateway",
            [
                "CZlib", "HTTP1", "WireScan", "OpenAIAPI", "Policy", "Metrics", "EventLoop", "TLS", "HTTPServer",
                "HTTPClient",
            ]),
        room("Admin", ["HTTP1", "Metrics", "Gateway", "EventLoop", "HTTPServer"]),
        room("Sandbox", ["HTTP1", "WireScan", "OpenAIAPI", "EventLoop", "HTTPServer"]),
        room("Settings", ["Policy", "Yams"]),
        .executableTarget(
            name: "propylon",
            dependencies: [
                "HTTP1", "OpenAIAPI", "Policy", "Metrics", "EventLoop", "TLS", "HTTPServer", "HTTPClient", "Ledger",
                "Gateway", "Admin", "Sandbox", "Settings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "limits-benchmark", dependencies: ["Policy"], path: "Benchmarks/Limits", swiftSettings: settings),

        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: settings),
        .target(name: "Loopback", dependencies: ["EventLoop"], path: "Tests/Loopback", swiftSettings: settings),
        tests(of: "HTTP1", ["SeededRandom"]),
        tests(of: "WireScan", ["SeededRandom"]),
        tests(of: "OpenAIAPI", ["WireScan", "SeededRandom"]),
        tests(of: "Policy", ["SeededRandom"]),
        tests(of: "Metrics", ["SeededRandom"]),
        tests(of: "EventLoop", ["CLinux", "Loopback"]),
        tests(of: "TLS", ["EventLoop", "Loopback", "SeededRandom"]),
        tests(of: "HTTPServer", ["HTTP1", "TLS", "EventLoop", "Loopback"]),
        tests(of: "HTTPClient", ["HTTP1", "TLS", "EventLoop", "HTTPServer", "Loopback"]),
        tests(of: "Ledger", ["Policy", "SeededRandom"]),
        tests(
            of: "Gateway",
            ["HTTP1", "OpenAIAPI", "Policy", "Metrics", "EventLoop", "TLS", "HTTPServer", "HTTPClient", "Loopback"]),
        tests(of: "Admin", ["Metrics", "EventLoop", "HTTPServer", "Loopback"]),
        tests(of: "Sandbox", ["HTTP1", "EventLoop", "HTTPServer", "Loopback", "SeededRandom"]),
        tests(of: "Settings", ["Policy", "SeededRandom"]),
        tests(
            of: "propylon",
            ["Policy", "Ledger", "Gateway", "Settings", .product(name: "Logging", package: "swift-log")]),
    ],
    swiftLanguageModes: [.v6]
)
