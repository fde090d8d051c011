import Testing

@testable import Sandbox

@Suite struct QueryTests {
    @Test(
        arguments: [
            ("a=1&b=2", "a", "1"), ("a=1&b=2", "b", "2"), ("a=1&a=2", "a", "1"), ("a", "a", ""), ("a=", "a", ""),
            ("a=b=c", "a", "b=c"), ("a=x%20y", "a", "x y"), ("%61=1", "a", "1"), ("a=%E6%9D%B1", "a", "東"),
            ("a=%zz", "a", "%zz"), ("a=%2", "a", "%2"), ("&&a=1", "a", "1"),
        ])
    func parametersHaveValues(_ query: String, _ name: String, _ value: String) {
        #expect(Query(query)[name] == value)
    }

    @Test(arguments: [nil, "", "&", "ab=1", "A=1", "=1"])
    func otherParametersHaveNone(_ query: String?) {
        #expect(Query(query)["a"] == nil)
    }
}

@Suite struct PageTests {
    private func page(_ query: String?, of all: [Int] = Array(1...5), standardLimit: Int = 3) throws -> Page<Int> {
        try Page(all, query: Query(query), standardLimit: standardLimit) { "id\($0)" }
    }

    @Test func aPageIsTheFirstByDefault() throws {
        let page = try page(nil)
        #expect(Array(page.elements) == [1, 2, 3])
        #expect(page.hasMore)
    }

    @Test func aPageFollowsAnElement() throws {
        let page = try page("after=id3")
        #expect(Array(page.elements) == [4, 5])
        #expect(!page.hasMore)
    }

    @Test func aPageAfterTheLastElementIsEmpty() throws {
        let page = try page("after=id5")
        #expect(page.elements.isEmpty)
        #expect(!page.hasMore)
    }

    @Test(arguments: [
        ("limit=1", 1, true), ("limit=5", 5, false), ("limit=10000", 5, false), ("limit=2&after=", 2, true),
    ])
    func aPageHasALimit(_ query: String, _ count: Int, _ hasMore: Bool) throws {
        let page = try page(query)
        #expect(page.elements.count == count)
        #expect(page.hasMore == hasMore)
    }

    @Test(arguments: ["limit=0", "limit=10001", "limit=-1", "limit=x", "limit=", "limit=99999999999999999999"])
    func limitsAreChecked(_ query: String) {
        #expect(throws: SandboxError.self) { try page(query) }
    }

    @Test func anUnknownElementIsRefused() {
        #expect(throws: SandboxError.self) { try page("after=id6") }
    }

    @Test func anEmptyListHasAnEmptyPage() throws {
        #expect(try page(nil, of: []).elements.isEmpty)
    }
}
