import Bytes
import Testing

@testable import HTTP1

@Suite struct ChunkExtensionTests {
    @Test(arguments: [
        ";a", ";a=b", ";a=\"b\"", ";a=\"\"", "; a", " ;a", "\t ;\ta", ";a;b", ";a ;b", ";a = b", ";a = \"b\" ; c",
        ";a=\"\\\"\"", ";a=\"\\\\\"", ";a=\"é;=,\t\"", ";chunk-signature=0123456789abcdef",
    ])
    func follows(text: String) throws {
        var chunkExtension = ChunkExtension()
        for byte in text.utf8 { #expect(try !chunkExtension.step(byte)) }
        #expect(try chunkExtension.step(ASCII.carriageReturn))
    }

    @Test(arguments: [
        "", " ", "a", " a", "=", ";", "; ", ";=", ";a=", ";a= ", ";a ", ";a=b ", ";a=\"b\" ", ";a=\"b", ";a=\"b\\",
        ";a=\"b\"c", ";a b", ";a=b c", ";a;;b", ";a;", ";a=b=c", ";a=\"\u{0}\"", ";a=\"\\\u{1}\"", ";\u{0}", ";é",
        ";a=é", ";a,b", ";a=\"\u{7F}\"", ";a=;b",
    ])
    func refused(text: String) {
        #expect(throws: HTTP1Error.invalidChunkExtension) {
            var chunkExtension = ChunkExtension()
            for byte in text.utf8 { _ = try chunkExtension.step(byte) }
            _ = try chunkExtension.step(ASCII.carriageReturn)
        }
    }

    @Test(arguments: ["", ";", ";a", ";a=", ";a=\"", ";a=\"\\", ";a=\"b\"", ";a "])
    func bareLineFeedIsRefusedEverywhere(text: String) {
        #expect(throws: HTTP1Error.invalidLineEnding) {
            var chunkExtension = ChunkExtension()
            for byte in text.utf8 { _ = try chunkExtension.step(byte) }
            _ = try chunkExtension.step(ASCII.lineFeed)
        }
    }
}
