import Testing

@testable import Admin

@Suite struct AdminPageTests {
    @Test(
        arguments: [
            ("/metrics", .metrics), ("/admin/v1/status", .status),
            ("/admin/v1/config", .configuration), ("/admin/v1/limits", .limits(nil)), ("/admin/v1/events", .events),
            ("/admin/v1/limits/abc", .limits("abc")), ("/admin/v1/limits/a/b", .limits("a/b")),
        ] as [(String, AdminPage)])
    func pagesHaveThesePaths(_ path: String, _ page: AdminPage) {
        #expect(AdminPage(path: path) == page)
    }

    @Test(arguments: [
        "", "/", "/metrics/", "/Metrics", "/admin", "/admin/v1", "/admin/v1/status/", "/admin/v1/limits/",
        "/admin/v2/limits", "metrics",
    ])
    func otherPathsHaveNone(_ path: String) {
        #expect(AdminPage(path: path) == nil)
    }

    @Test func anIDIsBounded() {
        let prefix = "/admin/v1/limits/"
        let longest = String(repeating: "x", count: 63 - prefix.count)
        #expect(AdminPage(path: prefix + longest) == .limits(longest))
        #expect(AdminPage(path: prefix + longest + "x") == nil)
    }
}
