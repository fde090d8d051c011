import OpenAIAPI
import Testing

@Suite struct RequestScannerTests {
    @Test func jsonEndpointsAreReadAsJSONWhateverTheContentTypeSays() throws {
        for type in ["application/json", "text/plain", "multipart/form-data", "", nil] {
            #expect(try metadata(.chatCompletions, #"{"model":"m"}"#, contentType: type).model == "m")
        }
    }

    @Test(arguments: ["utf-16", "utf-7", "latin1", "ebcdic-us"]) func bodiesAreInUTF8(charset: String) throws {
        for endpoint in [Endpoint.chatCompletions, .other, .transcriptions] {
            #expect(throws: APIError.self) {
                try metadata(endpoint, #"{"model":"m"}"#, contentType: "application/json; charset=\(charset)")
            }
        }
        for accepted in ["utf-8", "UTF-8", "us-ascii"] {
            let type = "application/json; charset=\(accepted)"
            #expect(try metadata(.chatCompletions, #"{"model":"m"}"#, contentType: type).model == "m")
        }
    }

    @Test func filesNeedMultipartWithABoundary() {
        for type in [
            "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x", "MULTIPART/x",
        ] {
            for endpoint in [Endpoint.transcriptions, .translations, .files] {
                #expect(throws: APIError.self) { try metadata(endpoint, "", contentType: type) }
            }
        }
        for type in ["audio/wav", nil] {
            #expect { try metadata(.transcriptions, "", contentType: type) } throws: {
                ($0 as? APIError)?.code == "invalid_multipart"
            }
            #expect { try metadata(.files, "x", contentType: type) } throws: {
                ($0 as? APIError)?.code == "invalid_multipart"
            }
        }
    }

    @Test func filesAndBatchesMayHaveNoBody() throws {
        for type in ["application/json", nil] {
            #expect(try metadata(.files, "", contentType: type).model == nil)
            #expect(try metadata(.batches, "", contentType: type).model == nil)
        }
    }

    @Test func otherBodiesAreNotRead() throws {
        for (endpoint, type) in [
            (Endpoint.other, "text/plain"), (.models, "application/json"), (.realtime, "text/plain"),
        ] {
            let metadata = try metadata(endpoint, "{{{ not JSON", contentType: type)
            #expect(metadata.model == nil)
            #expect(metadata.edits(servedModel: "m", askForUsage: true).isEmpty)
        }
    }

    @Test func theModelOfAnUnknownEndpointIsRead() throws {
        let read = try metadata(
            .other, #"{"n":"many","model":"a","input":[1]}"#, contentType: "application/json; charset=utf-8")
        #expect(read.model == "a")
        #expect(!read.edits(servedModel: "b", askForUsage: false).isEmpty)
        #expect(try metadata(.other, "[1]", contentType: "application/json").model == nil)
        #expect(try metadata(.other, "", contentType: "application/json").model == nil)
        #expect(throws: APIError.self) {
            try metadata(.other, #"{"model":"a","model":"b"}"#, contentType: "application/json")
        }
    }

    @Test func transcriptionsMayBeAskedForInJSON() throws {
        #expect(try metadata(.transcriptions, #"{"model":"whisper","file":"data"}"#).model == "whisper")
        #expect(try metadata(.transcriptions, "{}").model == nil)
    }
}
