import SeededRandom
import Testing

@testable import Scanners

@Suite struct MultipartHeadTests {
    private func head(_ lines: String...) throws(MultipartError.Kind) -> MultipartHead {
        let block = Array(lines.map { $0 + "\r\n" }.joined().utf8)
        return try MultipartHead(block.span)
    }

    private func disposition(_ parameters: String) throws(MultipartError.Kind) -> MultipartHead {
        try head("content-disposition: form-data\(parameters)")
    }

    @Test func whatClientsSend() throws {
        // curl, undici and httpx.
        let file = try head(
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"", "Content-Type: audio/mpeg")
        #expect(file.name == "file")
        #expect(file.fileName == "a.mp3")
        #expect(file.contentType == "audio/mpeg")
        // aiohttp.
        let field = try head(
            "Content-Type: text/plain; charset=utf-8", "Content-Disposition: form-data; name=\"model\"",
            "Content-Length: 9")
        #expect(field.name == "model")
        #expect(field.fileName == nil)
        #expect(
            try head("CONTENT-DISPOSITION:Form-Data;name=model ", "content-transfer-encoding: binary").name == "model")
    }

    @Test func namesAreDecoded() throws {
        #expect(try disposition("; name=\"a\\\"b\\\\c\"").name == "a\"b\\c")
        #expect(try disposition("; name=\"a%22b%0D%0Ac\"").name == "a\"b\r\nc")
        // Nothing else is written with per cent signs, so that "model" has one spelling.
        #expect(try disposition("; name=\"%6dodel\"").name == "%6dodel")
        #expect(try disposition("; name=\"modèle\"").name == "modèle")
        #expect(try disposition("; name=\"a;b=c\"").name == "a;b=c")
        #expect(try disposition("; name=\"\"").name == "")
        #expect(try disposition("; filename=\"C:\\x\\y.mp3\"; name=f").fileName == "C:\\x\\y.mp3")
        #expect(try disposition("; name=f; filename*=utf-8''%e2%82%ac.mp3").fileName == "€.mp3")
        #expect(try disposition("; name=f; filename=\"e.mp3\"; filename*=utf-8''%e2%82%ac.mp3").fileName == "e.mp3")
        #expect(try disposition("; name=f; filename=\"\"").fileName == "")
    }

    @Test func whatReadersDifferAboutIsRefused() {
        for parameters in [
            "; name=a; name=a", "; name=\"a\"; NAME=\"b\"", "; name=\"mode\\l\"", "; name*=utf-8''model",
            "; name=x; name*=utf-8''model", "; name*0=mo; name*1=del", "; name=a; filename=b; filename=c",
            "; name=a; filename*0=b",
        ] {
            #expect(throws: MultipartError.Kind.ambiguousParameter) { try disposition(parameters) }
        }
        #expect(throws: MultipartError.Kind.missingName) { try disposition("") }
        #expect(throws: MultipartError.Kind.missingName) { try disposition("; filename=a") }
        for parameters in [" name=a", "; name", "; name=", "; name=\"a", "; name=\"a\"b", "; name = a", "; name=a b"] {
            #expect(throws: MultipartError.Kind.invalidDisposition) { try disposition(parameters) }
        }
        #expect(throws: MultipartError.Kind.invalidDisposition) { try head("content-disposition: attachment; name=a") }
        #expect(throws: MultipartError.Kind.invalidDisposition) { try head() }
        #expect(throws: MultipartError.Kind.invalidDisposition) { try head("content-type: a/b") }
        #expect(throws: MultipartError.Kind.invalidDisposition) {
            try head("content-disposition: form-data; name=a", "content-disposition: form-data; name=a")
        }
        #expect(throws: MultipartError.Kind.unsupportedEncoding) {
            try head("content-disposition: form-data; name=a", "content-transfer-encoding: base64")
        }
    }

    @Test func aNameIsUTF8() {
        var block = Array("content-disposition: form-data; name=\"".utf8)
        block += [0xE9] + Array("\"\r\n".utf8)
        #expect(throws: MultipartError.Kind.ambiguousParameter) { try MultipartHead(block.span) }
    }

    @Test func linesAreStrict() {
        let field = "content-disposition: form-data; name=a\r\n"
        for block in [
            "content-disposition: form-data; name=a\n", field + " folded: b\r\n", field + "no colon\r\n",
            field + ": b\r\n",
            field + "a : b\r\n", field + "a: b\rc\r\n", field + "a: b\u{0}\r\n",
            field + "content-type: a\r\ncontent-type: a\r\n",
            field + "a: b", "\n" + field,
        ] {
            let bytes = Array(block.utf8)
            #expect(throws: MultipartError.Kind.invalidHead) { try MultipartHead(bytes.span) }
        }
    }

    /// A name and a file name written as browsers and curl do come back, whatever they are.
    @Test func writtenNamesComeBack() throws {
        var random = SeededGenerator(seed: 61)
        for _ in 0..<2000 {
            func text() -> String {
                (0..<random.number(0...8)).map { _ in
                    random.pick(["a", "é", " ", ";", "=", "\"", "\r", "\n", "\\", "/"])
                }
                .joined()
            }
            let (name, fileName) = (text(), text())
            func browser(_ text: String) -> String {
                // By scalar: CR LF is one character.
                text.unicodeScalars.map {
                    ["\\": "\\\\", "\"": "%22", "\r": "%0D", "\n": "%0A"][$0] ?? String(Character($0))
                }
                .joined()
            }
            let head = try disposition("; name=\"\(browser(name))\"; filename=\"\(browser(fileName))\"")
            #expect(Array(head.name.utf8) == Array(name.utf8))
            #expect(Array((head.fileName ?? "none").utf8) == Array(fileName.utf8))
        }
    }

    @Test func anyBytesAreAcceptedOrRefused() {
        var random = SeededGenerator(seed: 62)
        let valid = Array("content-disposition: form-data; name=\"a\"; filename=\"b\"\r\ncontent-type: a/b\r\n".utf8)
        var refused = 0
        for _ in 0..<3000 {
            let damaged = random.mutated(valid, with: Array("\r\n:;=\"\\ x\u{0}*%é".utf8))
            do { _ = try MultipartHead(damaged.span) } catch { refused += 1 }
        }
        #expect(refused > 500)
        #expect(refused < 3000)
    }
}
