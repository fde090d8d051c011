import Clocks
import Foundation
import Loopback
import Policy
import Settings
import Store
import Testing

@testable import propylon

/// The admin API of a whole gateway.
@Suite(.ownThread) struct AdminAPITests {
    private let folder: TemporaryFolder
    private let process: GatewayProcess

    init() throws {
        folder = try TemporaryFolder()
        let settings = try configuration(
            in: folder, withTokens: true,
            """
            time_zone: Europe/Paris
            default_tier: student
            tiers: { student: { budget_eur_per_day: 2 } }
            teams: { red: { tier: tier-1 }, blue: { tier: tier-1 } }

            """)
        process = try GatewayProcess(settings, sandbox: true, log: LogRecorder().logger)
    }

    private struct Answer {
        let status: Int
        let json: [String: Any]

        var code: String? { (json["error"] as? [String: Any])?["code"] as? String }
        var id: String { json["id"] as? String ?? "" }
        var version: Int { json["version"] as? Int ?? 0 }
    }

    private func call(
        _ method: StaticString, _ path: String, _ body: String? = nil, token: String = "all", ifMatch: Int? = nil
    ) async throws -> Answer {
        var call = try #require(HTTPCall(method, process.adminAddress + "/admin/v1/" + path))
        call.fields = [("authorization", "Bearer \(token)")]
        if let body {
            call.fields.append(("content-type", "application/json"))
            call.body = Array(body.utf8)
        }
        if let ifMatch { call.fields.append(("if-match", "\"\(ifMatch)\"")) }
        let response = try await send(call)
        let json = try? JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
        return Answer(status: response.status, json: json ?? [:])
    }

    private func models(with key: String) async throws -> Int {
        try await get(process.addresses[0] + "/v1/models", token: key).status
    }

    /// Every change works at once: the next request sees it.
    @Test func aKeyHasItsWholeLife() async throws {
        let created = try await call("POST", "keys", #"{"name": "ada", "limits": {"tokens_per_day": 5}}"#)
        #expect(created.status == 201)
        let secret = try #require(created.json["key"] as? String)
        #expect(try await models(with: secret) == 200)

        let shown = try await call("GET", "keys/ada")
        #expect(shown.status == 200)
        #expect(shown.json["tier"] as? String == "student")
        #expect(shown.json["limits"] as? [String: String] == ["tokens_per_day": "5"])
        #expect(shown.json["key"] == nil)
        #expect(try await call("GET", "keys/\(created.id)").id == created.id)

        #expect(try await call("POST", "keys/ada/suspend").json["state"] as? String == "suspended")
        #expect(try await models(with: secret) == 401)
        #expect(try await call("POST", "keys/ada/resume").json["state"] as? String == "active")
        #expect(try await models(with: secret) == 200)

        let grants = #"{"limits": {"budget_eur_per_day": "+50%"}, "until": "month"}"#
        #expect((try await call("POST", "keys/ada/grants", grants).json["grants"] as? [Any])?.count == 1)
        #expect((try await call("DELETE", "keys/ada/grants").json["grants"] as? [Any])?.count == 0)

        let rotated = try await call("POST", "keys/ada/rotate", #"{"grace": "0s"}"#)
        #expect(rotated.status == 200)
        #expect(try await models(with: secret) == 401)
        let second = try #require(rotated.json["key"] as? String)
        #expect(try await models(with: second) == 200)

        #expect(try await call("DELETE", "keys/ada").json["state"] as? String == "revoked")
        #expect(try await models(with: second) == 401)
        #expect(try await call("POST", "keys/\(created.id)/resume").code == "key_revoked")

        let log = try await call("GET", "audit?key=\(created.id)&limit=3")
        let entries = try #require(log.json["entries"] as? [[String: Any]])
        #expect(entries.map { $0["action"] as? String } == ["key.revoke", "key.rotate", "key.grant"])
        #expect(entries.allSatisfy { $0["by"] as? String == "admin" && $0["from"] as? String == "127.0.0.1" })
        #expect(log.json["next_cursor"] is String)
        await process.drain(timeout: .seconds(5))
    }

    /// A key that another process has created has its page at once, by its id and by its name.
    @Test func limitsOfANewKeyAreShownAtOnce() async throws {
        for number in 0..<20 {
            let name = "new \(number)"
            let id = try process.storage.database.issueKey(name, tier: "student").record.id
            for key in [id, "new%20\(number)"] {
                let limits = try await call("GET", "limits/\(key)")
                #expect(limits.status == 200)
                #expect((limits.json["limits"] as? [[String: Any]])?.map { $0["name"] as? String } == [name])
            }
        }
        #expect(try await call("GET", "limits/nobody").code == "not_found")
        await process.drain(timeout: .seconds(5))
    }

    @Test func changesAreMergedAndBoundToAVersion() async throws {
        let created = try await call("POST", "keys", #"{"name": "ada", "team": "red", "models": ["a*"]}"#)
        let before = try await call("GET", "keys/ada")
        let change = #"{"models": null, "expires_at": "2027-06-30", "limits": {"tokens_per_day": 5}}"#
        let first = try await call("PATCH", "keys/ada", change, ifMatch: before.version)
        #expect(first.status == 200)
        #expect(first.json["models"] is NSNull)
        #expect(first.json["team"] as? String == "red")
        #expect(first.json["expires_at"] as? String == "2027-07-01T00:00:00+02:00")
        // The same again is the same.
        let second = try await call("PATCH", "keys/ada", change, ifMatch: first.version)
        #expect(second.version == first.version)
        // What was read before is lost.
        let late = try await call("PATCH", "keys/ada", #"{"tier": "tier-1"}"#, ifMatch: before.version)
        #expect(late.status == 412)
        #expect(late.code == "version_changed")
        #expect(try await call("DELETE", "keys/\(created.id)", ifMatch: before.version).status == 412)
        #expect(try await call("GET", "keys/ada").json["tier"] as? String == "student")
        let removed = try await call("PATCH", "keys/ada", #"{"limits": {"tokens_per_day": null}, "team": null}"#)
        #expect((removed.json["limits"] as? [String: String])?.isEmpty == true)
        #expect(removed.json["team"] is NSNull)
        await process.drain(timeout: .seconds(5))
    }

    @Test func wrongValuesAreNamed() async throws {
        _ = try await call("POST", "keys", #"{"name": "ada"}"#)
        for (body, status, param) in [
            (#"{"name": "ada"}"#, 409, "name"), (#"{"name": "bob", "tier": "x"}"#, 400, "tier"),
            (#"{"name": "bob", "team": "green"}"#, 400, "team"),
            (#"{"name": "bob", "expires_at": "2020-01-01"}"#, 400, "expires_at"),
            (#"{"name": "bob", "limits": {"x": 1}}"#, 400, "limits.x"), (#"{"name": "a\nb"}"#, 400, "name"),
            (#"{"name": "bob", "limits": {"tokens_per_day": "1.5"}}"#, 400, "limits"), (#"{"nam": "bob"}"#, 400, "nam"),
            (#"{"name": "é\#(String(repeating: "é", count: 100))"}"#, 400, "name"),
        ] {
            let answer = try await call("POST", "keys", body)
            #expect(answer.status == status, "\(body)")
            #expect((answer.json["error"] as? [String: Any])?["param"] as? String == param, "\(body)")
        }
        #expect(try await call("GET", "keys/nobody").code == "not_found")
        #expect(try await call("GET", "keys?cursor=x").status == 400)
        #expect((try await call("GET", "keys").json["keys"] as? [Any])?.count == 1)
        await process.drain(timeout: .seconds(5))
    }

    @Test func aTokenOfATeamSeesItsKeysAlone() async throws {
        let blue = try await call("POST", "keys", #"{"name": "blue", "team": "blue"}"#)
        let own = try await call("POST", "keys", #"{"name": "own"}"#, token: "red")
        #expect(own.status == 201)
        #expect(own.json["team"] as? String == "red")
        for path in ["keys/blue", "keys/\(blue.id)"] {
            #expect(try await call("GET", path, token: "red").status == 404)
            #expect(try await call("PATCH", path, "{}", token: "red").status == 404)
            #expect(try await call("DELETE", path, token: "red").status == 404)
        }
        #expect((try await call("GET", "keys", token: "red").json["keys"] as? [Any])?.count == 1)
        #expect(try await call("PATCH", "keys/own", #"{"team": "blue"}"#, token: "red").code == "other_team")
        #expect(try await call("POST", "keys", #"{"name": "x", "team": "blue"}"#, token: "red").code == "other_team")
        // No error names what a token of a team does not see.
        for (method, path, body, code) in [
            ("POST", "keys", #"{"name": "blue"}"#, "name_taken"),
            ("PATCH", "keys/own", #"{"name": "blue"}"#, "name_taken"),
            ("POST", "keys", #"{"name": "\#(blue.id)"}"#, "name_taken"),
            ("POST", "keys", #"{"name": "x", "team": "blu"}"#, "other_team"),
            ("PATCH", "keys/own", #"{"team": "green"}"#, "other_team"),
        ] as [(StaticString, String, String, String)] {
            let refused = try await call(method, path, body, token: "red")
            #expect(refused.code == code)
            let message = (refused.json["error"] as? [String: Any])?["message"] as? String ?? ""
            let unasked = message.replacing("\"\(blue.id)\"", with: "").replacing("\"blue\"", with: "")
            #expect(!message.isEmpty && !unasked.contains(blue.id) && !unasked.contains("blue"), "\(message)")
        }
        for path in ["usage", "audit", "rows", "limits", "status"] {
            #expect(try await call("GET", path, token: "red").code == "insufficient_scope", "\(path)")
        }
        #expect(try await call("POST", "keys", #"{"name": "y"}"#, token: "see").code == "insufficient_scope")
        #expect((try await call("GET", "keys", token: "see").json["keys"] as? [Any])?.count == 2)
        #expect(try await call("POST", "reload", token: "red").code == "insufficient_scope")
        await process.drain(timeout: .seconds(5))
    }

    @Test func pagesFollowTheirCursor() async throws {
        for number in 0..<7 { _ = try await call("POST", "keys", #"{"name": "key \#(number)"}"#) }
        var names: [String] = []
        var cursor: String? = ""
        while let next = cursor {
            let page = try await call("GET", "keys?limit=3" + (next.isEmpty ? "" : "&cursor=\(next)"))
            names += (page.json["keys"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            cursor = page.json["next_cursor"] as? String
        }
        #expect(names.sorted() == (0..<7).map { "key \($0)" })
        #expect((try await call("GET", "keys?name=KEY%203&state=active").json["keys"] as? [Any])?.count == 1)
        await process.drain(timeout: .seconds(5))
    }

    // MARK: Reports and the configuration

    @Test func reportsAreThoseOfTheCommandLine() async throws {
        let key = try await call("POST", "keys", #"{"name": "ada"}"#)
        let chat = try await post(key)
        #expect(chat == 200)
        #expect(process.storage.ledger.flush())
        let usage = try await get(process.adminAddress + "/admin/v1/usage?where=key=ada", token: "all")
        #expect(usage.body.contains("\"requests\": 1"))
        let rows = try await get(process.adminAddress + "/admin/v1/rows?since=1h", token: "see")
        #expect(rows.status == 200)
        let row = try #require(try JSONSerialization.jsonObject(with: Data(rows.body.utf8)) as? [String: Any])
        #expect(row["key_name"] as? String == "ada")
        #expect(Set(row.keys) == Set(RowColumn.all.map(\.name)))
        let id = try #require(row["request_id"] as? String)
        let one = try await get(process.adminAddress + "/admin/v1/rows/\(id)", token: "see")
        #expect(one.status == 200)
        #expect(
            try JSONSerialization.jsonObject(with: Data(one.body.utf8)) as? NSArray == [row] as NSArray)
        #expect(try await call("GET", "rows/none").code == "not_found")
        #expect(try await call("GET", "usage?where=key=nobody").status == 404)
        for query in ["by=colour", "where=x", "since=soon", "top=0", "sort=colour"] {
            #expect(try await call("GET", "usage?\(query)").status == 400, "\(query)")
        }
        #expect(try await call("GET", "rows?since=soon").status == 400)
        await process.drain(timeout: .seconds(5))
    }

    private func post(_ key: Answer) async throws -> Int {
        var call = try #require(HTTPCall("POST", process.addresses[0] + "/v1/chat/completions"))
        call.fields = [
            ("authorization", "Bearer \(key.json["key"] as? String ?? "")"), ("content-type", "application/json"),
        ]
        call.body = Array(#"{"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "Hi"}]}"#.utf8)
        return try await send(call).status
    }

    @Test func configurationsAreChecked() async throws {
        let fine = try await call("POST", "config/check", #"{"yaml": "time_zone: Europe/Paris\n"}"#)
        #expect((fine.json["errors"] as? [Any])?.isEmpty == true)
        let wrong = try await call(
            "POST", "config/check", #"{"yaml": "time_zoen: Europe/Paris\ndata: ${file:/etc/passwd}\n"}"#)
        let errors = try #require(wrong.json["errors"] as? [[String: Any]])
        #expect(errors.map { $0["path"] as? String } == ["time_zoen"])
        #expect(errors.map { $0["suggestion"] as? String } == ["time_zone"])
        _ = try await call("POST", "keys", #"{"name": "ada"}"#)
        var text = process.running.shown
        for number in 0... {
            guard let mask = text.firstRange(of: Secret.mask) else { break }
            text.replaceSubrange(mask, with: "secret-\(number)")
        }
        text.replace("budget_eur_per_day: 2", with: "budget_eur_per_day: 3")
        let compared = try await call("POST", "config/diff", #"{"yaml": \#(JSONText.string(text).line)}"#)
        #expect(
            compared.json["differences"] as? NSArray
                == [
                    [
                        "member": "tiers.student.budget_eur_per_day", "old": "2", "new": "3", "needs_restart": false,
                    ]
                ] as NSArray)
        let effects = compared.json["effects"] as? [String]
        #expect(effects?.first?.hasPrefix("affects 1 key of the tier student: ") == true)
        #expect(try await call("POST", "config/diff", #"{"yaml": "time_zoen: x"}"#).code == "invalid_value")
        // The environment has secrets.
        let home = try #require(ProcessInfo.processInfo.environment["PATH"])
        let spied = try await call("POST", "config/diff", #"{"yaml": "machine_name: x${PATH}\ndata: ${PATH}\n"}"#)
        #expect(spied.status == 200)
        #expect(!"\(spied.json)".contains(home))
        await process.drain(timeout: .seconds(5))
    }

    @Test func keysOfTheUpstreamAreTried() async throws {
        let answer = try await call("POST", "upstream/check")
        #expect(answer.status == 200)
        let keys = try #require(answer.json["keys"] as? [[String: Any]])
        #expect(keys.count == 1)
        #expect(keys.first?["works"] as? Bool == true)
        #expect(keys.first?["key"] as? Int == 1)
        #expect((keys.first?["detail"] as? String)?.hasSuffix(" models") == true)
        #expect(try await call("POST", "upstream/check", token: "see").code == "insufficient_scope")
        await process.drain(timeout: .seconds(5))
    }

    @Test func keysThatEndSoonAreListed() async throws {
        for (name, end) in [("soon", "5d"), ("later", "60d"), ("gone", "5d"), ("never", "never")] {
            _ = try await call("POST", "keys", #"{"name": "\#(name)", "expires_at": "\#(end)"}"#)
        }
        _ = try await call("DELETE", "keys/gone")
        let listed = try await call("GET", "keys?expiring=30d").json["keys"] as? [[String: Any]]
        #expect(listed?.map { $0["name"] as? String } == ["soon"])
        #expect(try await call("GET", "keys?expiring=2020-01-01").status == 400)
        await process.drain(timeout: .seconds(5))
    }

    @Test func aReloadIsInTheAuditLog() async throws {
        #expect(try await call("POST", "reload").code == "draining")
        var changed = process.running.current
        changed.log.level = .error
        let next = changed
        process.reloads.open { [weak process] in
            guard let process else { throw CancellationError() }
            return try process.reload(next)
        }
        let report = try await call("POST", "reload")
        #expect(report.status == 200)
        #expect(report.json["changed"] as? [String] == ["log.level"])
        let entries = try await call("GET", "audit").json["entries"] as? [[String: Any]]
        #expect(entries?.map { $0["action"] as? String } == ["config.reload"])
        process.reloads.open { throw Failure("the file is gone") }
        #expect(try await call("POST", "reload").code == "invalid_configuration")
        await process.drain(timeout: .seconds(5))
    }
}
