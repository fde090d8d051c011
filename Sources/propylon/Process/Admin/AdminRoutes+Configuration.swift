import Admin
import Foundation
import HTTPServer
import Settings
import Store

/// `/admin/v1/config/check` and `/admin/v1/reload`.
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
        return [
            AdminRoute(
                AdminOperation(
                    .post, "/admin/v1/config/check", needs: .admin, "checkConfiguration", "Check a configuration.",
                    body: .object([
                        .init("yaml", .text(0...AdminPages.bodyLimit), "The text of the file.", required: true)
                    ]),
                    .init("The faults.", check)), .blocking(.look, checkConfiguration)),
            AdminRoute(
                AdminOperation(
                    .post, "/admin/v1/reload", needs: .admin, "reload", "Read the configuration again, as SIGHUP does.",
                    .init("What has changed.", reload)), .blocking(.change, reloadConfiguration)),
        ]
    }

    /// Checks a text with the environment of this process. No file that it names is opened: a client could read it by the errors.
    @Sendable private func checkConfiguration(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let environment = ProcessInfo.processInfo.environment
        let issues: [ConfigurationIssue]
        do throws(ConfigurationErrors) {
            issues = try Configuration.load(
                text: request.body?["yaml"]?.text ?? "", file: "yaml", environment: environment,
                hostName: running.current.machineName, readFile: { _ in "placeholder-of-a-file" }
            ).warnings
        } catch { issues = error.issues }
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
