import Testing

@testable import Scanners

@Suite struct CharsetTests {
    private func isOther(_ value: String) -> Bool { Charset.isOther(in: Array(value.utf8).span) }

    @Test(arguments: [
        "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "",
        "text/plain; charset=\"utf-8\"", "a/b; charset=utf8", "a/b; charset=us-ascii; x=y", "a/b; Charset = UTF-8 ",
        "a/b; charset=utf-8, a/b; charset=ascii", "a/b; charset",
    ])
    func utf8(value: String) { #expect(!isOther(value)) }

    @Test(arguments: [
        "application/json; charset=utf-16", "application/json; charset=utf-7", "a/b; charset=latin1", "a/b; charset=",
        "a/b; charset; x=y", "a/b; charset=utf-8-sig", "a/b; charset*=utf-8''utf-8",
        "a/b; charset=utf-8; charset=utf-16",
        "a/b; charset=\"\"", "a/b;CHARSET=EBCDIC-US", "a/b; charset=utf-16;charset=utf-8", "a/b charset=utf-32",
    ])
    func others(value: String) { #expect(isOther(value)) }
}
