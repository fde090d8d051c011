import OpenAIAPI
import SeededRandom
import Testing

@Suite struct MultipartRequestReaderTests {
    private let type = "multipart/form-data; boundary=xYz"

    private func body(_ parts: [(head: String, content: String)]) -> String {
        parts.map { "--xYz\r\nContent-Disposition: form-data; \($0.head)\r\n\r\n\($0.content)\r\n" }.joined()
            + "--xYz--\r\n"
    }

    private func read(_ parts: [(head: String, content: String)], _ endpoint: Endpoint = .transcriptions)
        throws(APIError) -> RequestMetadata
    {
        try metadata(endpoint, body(parts), contentType: type)
    }

    private func code(_ parts: [(head: String, content: String)]) -> String? {
        do throws(APIError) {
            _ = try read(parts)
            return nil
        } catch { return error.code }
    }

    private let file = (head: #"name="file"; filename="a.mp3""#, content: String(repeating: "\r\n--xY", count: 2000))
    private let model = (head: #"name="model""#, content: "whisper")

    @Test func theFileMayComeFirstOrLast() throws {
        for parts in [[file, model], [model, file]] {
            let metadata = try read(parts)
            #expect(metadata.model == "whisper")
            #expect(metadata.isMultipart)
            #expect(metadata.counters.estimatedAudioMilliseconds == 750)
            let text = body(parts)
            #expect(Array(text.utf8)[metadata.modelRange!].elementsEqual("whisper".utf8))
            #expect(
                edited(text, metadata.edits(servedModel: "whisper-large", askForUsage: false))
                    == text.replacing("\r\nwhisper\r\n", with: "\r\nwhisper-large\r\n"))
        }
    }

    @Test func everySplit() throws {
        let small = body([
            model, (#"name="stream""#, "True"), (#"name="user""#, "zoé"), (#"name="file"; filename="a""#, "xyz"),
        ])
        for pieces in SeededRandom.everySplit(Array(small.utf8)) {
            let metadata = try metadata(.transcriptions, pieces, contentType: type)
            #expect(metadata.model == "whisper")
            #expect(metadata.stream)
            #expect(metadata.user == "zoé")
        }
    }

    private static let line = #"{"url":"/v1/completions","body":{"model":"m","max_tokens":5}}"#

    private func upload(_ parts: [(head: String, content: String)]) throws -> BatchInput? {
        try read(parts, .files).batch?.input
    }

    @Test func theLinesOfABatchAreRead() throws {
        let lines = (head: #"name="file"; filename="a.jsonl""#, content: Self.line + "\n" + Self.line)
        let purpose = (head: #"name="purpose""#, content: "batch")
        for parts in [[lines, purpose], [purpose, lines]] {
            #expect(try upload(parts)?.models["m"]?.outputTokens == 10)
            for pieces in SeededRandom.everySplit(Array(body(parts).utf8)) {
                let metadata = try metadata(.files, pieces, contentType: type)
                #expect(metadata.batch?.input?.models["m"]?.lines == 2)
            }
        }
    }

    /// Of several files, or of one under another name, the gateway does not know which one the upstream reads.
    @Test func onlyTheOneFileOfABatchIsRead() throws {
        let lines = (head: #"name="file"; filename="a.jsonl""#, content: Self.line)
        let purpose = (head: #"name="purpose""#, content: "batch")
        #expect(try upload([lines]) == nil)
        #expect(try upload([lines, (#"name="purpose""#, "user_data")]) == nil)
        #expect(try upload([lines, lines, purpose]) == nil)
        #expect(try upload([(#"name="data"; filename="a""#, Self.line), purpose]) == nil)
        #expect(try upload([(#"name="file""#, Self.line), purpose]) == nil)
        #expect(try read([lines, purpose], .transcriptions).batch?.input == nil)
        #expect(throws: APIError.duplicateMember("purpose")) { try upload([purpose, lines, purpose]) }
    }

    @Test func theModelMayBeMissing() throws {
        let metadata = try read([file])
        #expect(metadata.model == nil)
        #expect(metadata.modelRange == nil)
        #expect(metadata.edits(servedModel: "m", askForUsage: true).isEmpty)
        #expect(try read([(#"name="purpose""#, "batch"), file], .files).isMultipart)
    }

    @Test func whatTheGatewayDecidesOnStandsOnce() {
        for name in ["model", "stream", "user", "response_format"] {
            let part = (head: "name=\"\(name)\"", content: "1")
            #expect(code([part, file, part]) == "duplicate_member")
        }
        let language = (head: #"name="timestamp_granularities[]""#, content: "word")
        #expect(code([language, language, model]) == nil)
    }

    /// The model in the path counts, as Azure has it: a body without one gets a part.
    @Test(arguments: ["", "preamble\r\n"]) func theModelOfThePathIsWritten(preamble: String) throws {
        func scanned(_ text: String) throws -> RequestMetadata {
            let scanner = try RequestScanner(
                endpoint: .transcriptions, contentType: Array(type.utf8).span, pathNamesModel: true)
            for byte in Array(text.utf8) { try scanner.scan([byte].span) }
            return try scanner.finish()
        }
        let text = preamble + body([file])
        let result = edited(text, try scanned(text).edits(servedModel: "whisper-large", askForUsage: false))
        #expect(result.hasPrefix(preamble + "--xYz\r\n"))
        let again = try metadata(.transcriptions, result, contentType: type)
        #expect(again.model == "whisper-large")
        #expect(again.counters.estimatedAudioMilliseconds == 750)
        let named = body([file, model])
        #expect(
            edited(named, try scanned(named).edits(servedModel: "large", askForUsage: false))
                == named.replacing("\r\nwhisper\r\n", with: "\r\nlarge\r\n"))
    }

    @Test func textIsInUTF8() {
        let plain = "name=\"model\"\r\nContent-Type: text/plain"
        #expect(code([(plain, "whisper")]) == nil)
        #expect(code([(plain + "; charset=utf-8", "whisper")]) == nil)
        #expect(code([(plain + "; charset=utf-16", "whisper")]) == "invalid_value")
        #expect(code([(#"name="_charset_""#, "UTF-8"), model]) == nil)
        #expect(code([(#"name="_charset_""#, "iso-8859-1"), model]) == "invalid_value")
        #expect(code([(#"name="_charset_""#, ""), model]) == "invalid_value")
    }

    @Test(arguments: (0..<0x20).map { UInt8($0) } + [0x7F]) func modelsHaveNoControlCharacters(byte: UInt8) {
        let character = Character(Unicode.Scalar(byte))
        #expect(code([(#"name="model""#, "a\(character)b")]) == "invalid_model")
    }

    /// Two names, two dispositions, and ways to write a name that parsers read differently.
    @Test(arguments: [
        #"name="model"; name="x""#, #"name="x"; name="model""#, #"name="model"; name*=utf-8''x"#,
        #"name*=utf-8''model"#,
        #"name*0="mo"; name*1="del""#, #"name="mo\del""#,
        "name=\"x\"\r\nContent-Disposition: form-data; name=\"model\"",
    ])
    func namesThatAreReadDifferentlyAreRefused(head: String) {
        #expect(code([(head, "whisper")]) == "invalid_multipart")
    }

    @Test func valuesAreChecked() {
        #expect(code([(#"name="model""#, "")]) == "invalid_model")
        #expect(code([(#"name="model""#, "a\nb")]) == "invalid_model")
        #expect(code([(#"name="model""#, String(repeating: "m", count: 2000))]) == "invalid_model")
        #expect(code([(#"name="model"; filename="m""#, "whisper")]) == "invalid_value")
        #expect(code([model, (#"name="stream""#, "perhaps")]) == "invalid_value")
    }

    @Test func brokenBodiesAreRefused() {
        let whole = body([model, file])
        for text in ["", "x", String(whole.dropLast(6)), whole.replacing("form-data", with: "attachment")] {
            #expect { try metadata(.transcriptions, text, contentType: type) } throws: {
                ($0 as? APIError)?.code == "invalid_multipart"
            }
        }
    }
}
