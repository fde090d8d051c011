import Admin
import HTTPServer

/// `/admin/v1/upstream/check`: what `propylon config check --upstream` does, with the keys in use.
extension AdminServices {
    var upstreamCheck: AdminRoute {
        let answer = AdminSchema.object([
            .init("upstream", .text(), "The address of the upstream.", required: true),
            .init("key", .optional(.integer(1...Int64.max)), "The number of the key, from 1 on.", required: true),
            .init("works", .boolean, "True if the upstream accepts the key.", required: true),
            .init("detail", .text(), "The answer in words.", required: true),
        ])
        return AdminRoute(
            AdminOperation(
                .post, "/admin/v1/upstream/check", needs: .admin, "checkUpstream",
                "Ask each upstream for its models with each key: the proof that a key works.",
                .init("The answers.", .object([.init("keys", .list(answer), "The keys in order.", required: true)]))),
            .waiting(checkUpstream))
    }

    @Sendable private func checkUpstream(_: AdminRequest) async throws(AdminProblem) -> ServerResponse {
        let answers: [UpstreamCheck.Answer]
        let (configuration, sandbox) = (running.current, sandbox)
        // It reads the file of certificate authorities.
        let check = await AdminWork.look.run { Result { try UpstreamCheck(configuration, sandbox: sandbox) } }
        do { answers = try await check.get().answers() } catch {
            throw AdminProblem(
                503, "upstream_check_failed", Failure(error).description, type: "service_unavailable_error")
        }
        let keys = answers.map { answer in
            JSONText.object([
                ("upstream", .string(answer.upstream)), ("key", answer.key.map { .integer(Int64($0)) } ?? .null),
                ("works", .boolean(answer.isAccepted)), ("detail", .string("\(answer)")),
            ])
        }
        return .json(JSONText.object([("keys", .array(keys))]))
    }
}
