import Testing

@testable import OpenAIAPI

@Suite struct MethodSetTests {
    private let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private func contains(_ set: MethodSet, _ name: String) -> Bool { set.contains(Array(name.utf8).span) }

    @Test func everyMethodIsFoundByItsName() {
        for (index, name) in names.enumerated() {
            let set = MethodSet(rawValue: 1 << UInt8(index))
            for other in names { #expect(contains(set, other) == (other == name), "\(other) in \(name)") }
        }
    }

    @Test func readingIsGETAndHEAD() {
        #expect(names.filter { contains(.read, $0) } == ["GET", "HEAD"])
    }

    @Test(arguments: ["", "CONNECT", "TRACE", "get", "Post", "GETS", "POS", " GET", "GET "])
    func otherNamesAreInNoSet(name: String) {
        #expect(!contains(.any, name))
    }

    @Test func theHeaderListsTheNamesInOrder() {
        #expect(MethodSet.any.allow == names.joined(separator: ", "))
        #expect(MethodSet([.delete, .read]).allow == "GET, HEAD, DELETE")
        #expect(MethodSet().allow == "")
    }
}
