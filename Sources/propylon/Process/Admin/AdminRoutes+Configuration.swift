import Admin
import Foundation
import HTTPServer
import Policy
import Settings
import Store

/// `/admin/v1/config/check`, `/admin/v1/config/diff` and `/admin/v1/reload`.
extension AdminServices {
    var configurationRoutes: [AdminRoute] {
        let issue = AdminSchema.object([
            .init("line", .integer(0...Int64.max), "The line, from 1 on.", required: true),
            .init("column", .integer(0...Int64.max), "The column, from 1 on.", required: true),
            .init("path", .text(), "The member, as tiers.student.", required: true),
            .init("message", .text(), "The fault.", required: true),
            .init("suggestion", .optional(.text()), "A better value.", required: true),
        ])
        let check = AdminSchema.object([
            .init("errors", .list(issue), "Faults that a reload would refuse.", required: true),
            .init("warnings", .list(issue), "What is allowed and cannot be meant.", required: true),
        ])
        let reload = AdminSchema.object([
            .init("changed", .list(.text()), "Members that have changed.", required: true),
            .init("deferred", .list(.text()), "Changed members that take a restart.", required: true),
            .init("warnings", .list(.text()), "Faults that stop nothing.", required: true),
        ])
        let difference = AdminSchema.object([
            .init(
                "differences",
                .list(
                    .object([
                        .init("member", .text(), "The member, as tiers.student.", required: true),
                        .init("old", .optional(.text()), "Its value in use as YAML, secrets masked.", required: true),
                        .init("new", .optional(.text()), "Its new value.", required: true),
                        .init("needs_restart", .boolean, "True if a reload keeps the old value.", required: true),
                    ])), "The members that differ.", required: true),
            .init("effects", .list(.text()), "The keys whose tier or team changes, in words.", required: true),
            .init("warnings", .list(.text()), "Keys in tiers or teams that would be gone.", required: true),
        ])
        let text = AdminSchema.object([
            .init("yaml", .text(0...AdminPages.bodyLimit), "The text of the file.", required: true)
        ])
        return [
            AdminRoute(
                AdminOperation(
                    .post, "/admin/v1/config/check", needs: .admin, "checkConfiguration", "Check a configuration.",
                    body: text, .init("The faults.", check)), .blocking(.look, checkConfiguration)),
            AdminRoute(
                AdminOperation(
                    .post, "/admin/v1/config/diff", needs: .admin, "compareConfiguration",
                    "What a reload with this configuration would change, as `propylon config diff`.", body: text,
                    .init("The differences.", difference)), .blocking(.report, compareConfiguration)),
            AdminRoute(
                AdminOperation(
                    .post, "/admin/v1/reload", needs: .admin, "reload", "Read the configuration again, as SIGHUP does.",
                    .init("What has changed.", reload)), .blocking(.change, reloadConfiguration)),
        ]
    }

    /// The configuration in the body. No file that it names is opened, and of the environment it sees only what the
    /// configuration in use shows: a client could read them by members that are no secrets.
    private func configuration(
        of request: AdminRequest
    ) throws(ConfigurationErrors) -> (configuration: Configuration, warnings: [ConfigurationIssue]) {
        let shown = running.shown
        let environment = ProcessInfo.processInfo.environment.mapValues {
            shown.contains($0) ? $0 : "placeholder-of-a-variable"
        }
        let loaded = try Configuration.load(
            text: request.body?["yaml"]?.text ?? "", file: "yaml", environment: environment,
            hostName: running.current.machineName, readFile: { _ in "placeholder-of-a-file" })
        return (loaded.0, loaded.1)
    }

    @Sendable private func compareConfiguration(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let new: Configuration
        do throws(ConfigurationErrors) { new = try configuration(of: request).configuration } catch {
            throw .invalid("\(error)", param: "yaml")
        }
        let keys: [KeyRecord]
        do throws(LedgerError) { keys = try KeyStore(storage.database, by: request.actor).list() } catch {
            throw AdminProblem(error)
        }
        // Yams reads what it has written.
        let differences = (try? new.differences(fromShown: running.shown)) ?? []
        return .json(ChangeText(differences, to: new, keys: keys).json)
    }

    @Sendable private func checkConfiguration(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let issues: [ConfigurationIssue]
        do throws(ConfigurationErrors) { issues = try configuration(of: request).warnings } catch {
            issues = error.issues
        }
        func list(_ severity: ConfigurationIssue.Severity) -> JSONText {
            .array(
                issues.filter { $0.severity == severity }.map { issue in
                    .object([
                        ("line", .integer(Int64(issue.line))), ("column", .integer(Int64(issue.column))),
                        ("path", .string(issue.path)), ("message", .string(issue.message)),
                        ("suggestion", .optional(issue.suggestion)),
                    ])
                })
        }
        return .json(JSONText.object([("errors", list(.error)), ("warnings", list(.warning))]))
    }

    @Sendable private func reloadConfiguration(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let report: ReloadReport?
        do { report = try reloads.reload() } catch {
            throw AdminProblem(409, "invalid_configuration", "nothing has changed: \(Failure(error).description)")
        }
        guard let report else {
            throw AdminProblem(
                503, "draining", "this gateway starts or ends; try again", type: "service_unavailable_error")
        }
        do throws(LedgerError) {
            try storage.database.auditReload(changed: report.changes.applied, by: request.actor, at: time.now)
        } catch { throw AdminProblem(error) }
        return .json(
            JSONText.object([
                ("changed", .array(report.changes.applied.map(JSONText.string))),
                ("deferred", .array(report.changes.deferred.map(JSONText.string))),
                ("warnings", .array(report.warnings.map { .string($0.message) })),
            ]))
    }
}
