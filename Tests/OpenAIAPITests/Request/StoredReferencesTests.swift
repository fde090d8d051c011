import Testing

@testable import OpenAIAPI

@Suite struct StoredReferencesTests {
    private func stored(_ members: String, _ endpoint: Endpoint = .responses) throws(APIError) -> StoredReferences? {
        try metadata(endpoint, #"{"model":"m","input":"x"\#(members)}"#).stored
    }

    @Test func responsesAreStoredUnlessTheClientSaysOtherwise() throws {
        for members in ["", #","store":true"#, #","store":null"#] { #expect(try stored(members)?.isStored == true) }
        #expect(try stored(#","store":false"#)?.isStored == false)
    }

    @Test func responsesAreMadeAtOnceUnlessTheClientSaysOtherwise() throws {
        #expect(try stored(#","background":true"#)?.isBackground == true)
        for members in ["", #","background":false"#, #","background":null"#] {
            #expect(try stored(members)?.isBackground == false)
        }
    }

    @Test func whatTheRequestGoesOnFromIsRead() throws {
        let references = try stored(#","previous_response_id":"resp_\u0031","conversation":"conv_1""#)
        #expect(
            references
                == StoredReferences(
                    isStored: true, isBackground: false, responseID: "resp_1", conversationID: "conv_1"))
        #expect(try stored(#","conversation":{"id":"conv_2","x":1}"#)?.conversationID == "conv_2")
        let none = StoredReferences(isStored: true, isBackground: false, responseID: nil, conversationID: nil)
        for members in ["", #","previous_response_id":null,"conversation":null"#, #","conversation":{}"#] {
            #expect(try stored(members) == none)
        }
    }

    /// Two servers could read two different ones.
    @Test(arguments: [
        #","previous_response_id":"a","previous_response_id":"b""#, #","Previous_response_id":"a""#,
        #","conversation":"a","conversation":"b""#, #","conversation":{"id":"a","id":"b"}"#,
        #","store":false,"store":true"#, #","background":false,"background":true"#, #","Background":true"#,
        #","background":1"#,
        #","previous_response_id":5"#, #","previous_response_id":["a"]"#, #","conversation":["a"]"#,
        #","conversation":{"id":{}}"#, #","store":"false""#,
    ])
    func whatIsUnclearIsRefused(_ members: String) {
        let error = #expect(throws: APIError.self) { try stored(members) }
        #expect(error?.status == 400)
    }

    @Test func longIDsAreRefused() {
        let long = String(repeating: "x", count: 10_000)
        #expect(throws: APIError.self) { try stored(#","previous_response_id":"\#(long)""#) }
    }

    @Test func otherEndpointsStoreNothing() throws {
        for endpoint in [Endpoint.chatCompletions, .messages, .embeddings] {
            #expect(try stored(#","store":true,"previous_response_id":"a""#, endpoint) == nil)
        }
    }

    /// Who owns it is not known where the lines are read.
    @Test(arguments: [#""previous_response_id":"a""#, #""conversation":{"id":"a"}"#])
    func linesOfBatchesGoOnFromNothing(_ member: String) {
        let scanner = BatchInputScanner()
        let line =
            #"{"custom_id":"1","method":"POST","url":"/v1/responses","body":{"model":"m","input":"x",\#(member)}}"#
        scanner.scan(Array(line.utf8).span)
        #expect(scanner.finish().fault?.contains("previous_response_id or conversation") == true)
    }
}
