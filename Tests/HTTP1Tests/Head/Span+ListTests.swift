import Testing

@testable import HTTP1

@Suite struct SpanListTests {
    @Test(arguments: [
        ("", [""]), ("a", ["a"]), ("a,b", ["a", "b"]), (" a\t, b ,", ["a", "b", ""]), (",", ["", ""]),
        ("\"a,b\",c", ["\"a,b\"", "c"]), ("\"a\\\",b\",c", ["\"a\\\",b\"", "c"]), ("\"a,b", ["\"a,b"]),
        ("\"a\\", ["\"a\\"]),
        ("a\\,b", ["a\\", "b"]),
    ])
    func listMembers(text: String, members: [String]) {
        let bytes = Array("x\(text)y".utf8)
        var position = 1
        var found: [String] = []
        while let member = bytes.span.nextListMember(&position, end: bytes.count - 1) {
            found.append(String(decoding: bytes[member], as: UTF8.self))
        }
        #expect(found == members)
    }
}
