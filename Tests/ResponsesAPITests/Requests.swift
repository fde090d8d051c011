import ChatFixtures
import OpenAIAPI
import ResponsesAPI

/// The chat request for a request of the Responses API with `members`, to which a model and an input are added.
func chat(_ members: String, input: String = #""hi""#, forwardsReasoning: Bool = true) throws(APIError) -> JSON? {
    let body = #"{"model":"m","input":\#(input)\#(members.isEmpty ? "" : ",")\#(members)}"#
    return try chatRequest(body, forwardsReasoning: forwardsReasoning, by: ResponsesRequest.translated)
}

/// The messages of the chat request for `input`.
func messages(_ input: String, _ members: String = "", forwardsReasoning: Bool = true) throws(APIError) -> JSON? {
    try chat(members, input: input, forwardsReasoning: forwardsReasoning)?["messages"]
}

/// The translated request with `members`.
func translated(_ members: String = "") throws(APIError) -> TranslatedRequest {
    let body = #"{"model":"asked","input":"hi"\#(members.isEmpty ? "" : ",")\#(members)}"#
    return try ResponsesRequest.translated(Array(body.utf8), testContext())
}

/// The error of a request with `members`; nil if it is translated.
func refusal(_ members: String, input: String = #""hi""#) -> APIError? {
    do throws(APIError) {
        _ = try chat(members, input: input)
        return nil
    } catch { return error }
}
