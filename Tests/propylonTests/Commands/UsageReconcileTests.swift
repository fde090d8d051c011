import Foundation
import Policy
import Store
import Testing

@testable import propylon

@Suite struct UsageReconcileTests {
    private let paris = TimeText(zone: TimeZone(identifier: "Europe/Paris") ?? .gmt)

    @Test(arguments: [
        ("1234", 0, 1234), ("1 234 567", 0, 1_234_567), ("1,234,567", 0, 1_234_567), ("1.234", 0, 1234),
        ("1,234", 0, 1234), ("12.0", 0, 12), ("-5", 0, -5), ("1.80", 9, 1_800_000_000), ("1,80", 9, 1_800_000_000),
        ("1,234.5", 9, 1_234_500_000_000), ("1.234,5", 9, 1_234_500_000_000), ("€ 0,000000001", 9, 1),
        ("12 EUR", 9, 12_000_000_000), ("1'000.25", 9, 1_000_250_000_000), ("0.0000000010", 9, 1),
    ])
    func readsNumbers(text: String, places: Int, parts: Int64) {
        #expect(UsageNumber.parts(text, places: places) == parts)
    }

    @Test(arguments: ["", "-", "abc", "1e5", "0x1", "1.5", ".5", "99999999999999999999", "1-2"])
    func refusesWhatIsNoWholeNumber(text: String) { #expect(UsageNumber.parts(text, places: 0) == nil) }

    @Test func readsAStatement() throws {
        let text =
            "\u{FEFF}Date;Model;Input_Tokens;\"Am;ount\";x\r\n"
            + "2026-11-01;gpt-oss:120b;1 000;0,50;y\r\n\r\n2026-11-01T22:59:59Z; gpt-oss:120b ;24;\"1,5\"\r\n"
            + "2026-11-01T23:00:00Z;\"a \"\"b\"\"\";;\r\n"
        let columns = UsageStatement.Columns(amount: "am;ount")
        let statement = try UsageStatement(text, columns: columns, time: paris)
        #expect(
            statement.lines == [
                .init(day: "2026-11-01", model: "gpt-oss:120b"): .init(
                    inputTokens: 1024, outputTokens: nil, cost: NanoEuros(2_000_000_000)),
                .init(day: "2026-11-02", model: "a \"b\""): .init(inputTokens: 0, outputTokens: nil, cost: .zero),
            ])
    }

    @Test(arguments: [
        ("", "the file is empty"), ("day,amount\n", "--date-column"), ("date,model\n", "no column has tokens"),
        ("date,amount\n2026-13-01,1\n", "line 2"), ("date,amount\n2026-11-01,\"1\n", "line 2: a quotation mark"),
        ("date,amount\n2026-11-01,x\n", "line 2: \"x\""),
    ])
    func saysWhatIsWrong(text: String, part: String) {
        #expect {
            try UsageStatement(text, columns: UsageStatement.Columns(), time: paris)
        } throws: { error in "\(error)".contains(part) }
    }

    @Test func aNamedColumnHasToBeThere() {
        let columns = UsageStatement.Columns(model: "engine")
        #expect(
            throws: UsageStatement.Problem(description: "no column has the title \"engine\"; there are date, amount")
        ) {
            try UsageStatement("date,amount\n", columns: columns, time: paris)
        }
    }

    @Test func showsWhereBothPart() throws {
        let statement = try UsageStatement(
            """
            date,model,input_tokens,output_tokens,amount
            2026-11-01,a,100,10,0.5
            2026-11-01,b,100,10,0.5
            2026-11-02,c,7,0,0
            """, columns: UsageStatement.Columns(), time: paris)
        let comparison = UsageComparison(
            ledger: [
                row("2026-11-01", "a", input: 100, output: 10, cost: 500_000_000),
                row("2026-11-01", "b", input: 90, output: 10, cost: 400_000_000),
                row("2026-11-02", nil, input: 0, output: 0, cost: 0),
                row("2026-11-02", "d", input: 3, output: 0, cost: 1),
            ], statement: statement)
        #expect(comparison.rows.map(\.agrees) == [true, false, false, false])
        #expect(
            comparison.text(.csv, all: false) == """
                day,model,requests,estimated_requests,ledger_prompt_tokens,statement_prompt_tokens,\
                difference_prompt_tokens,ledger_completion_tokens,statement_completion_tokens,\
                difference_completion_tokens,ledger_cost_eur,statement_cost_eur,difference_cost_eur
                2026-11-01,b,2,1,90,100,-10,10,10,0,0.40,0.50,-0.10
                2026-11-02,c,0,0,0,7,-7,0,0,0,0.00,0.00,0.00
                2026-11-02,d,2,1,3,0,3,0,0,0,0.000000001,0.00,0.000000001

                """)
        #expect(comparison.text(.table, all: false).hasSuffix("differ in 3 of 4 rows.\n"))
        #expect(comparison.text(.table, all: true).split(separator: "\n").count == 6)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(comparison.text(.json, all: true).utf8)) as? [[String: Any]])
        #expect(json.count == 4)
        #expect(json[1]["difference_cost_eur"] as? String == "-0.10")
        #expect(json[1]["difference_prompt_tokens"] as? Int == -10)
    }

    @Test func withoutModelsDaysAreComparedAsAWhole() throws {
        let statement = try UsageStatement("date,amount\n2026-11-01,0.5\n", columns: .init(), time: paris)
        let comparison = UsageComparison(
            ledger: [row("2026-11-01", nil, input: 1, output: 1, cost: 500_000_000)], statement: statement)
        #expect(comparison.text(.table, all: false) == "The ledger and the statement agree.\n")
        #expect(comparison.text(.json, all: false) == "[]\n")
    }

    @Test func isASubcommandBesideTheReport() throws {
        let command = try Usage.parseAsRoot(["reconcile", "x.csv", "--model-column", "m", "--format", "json"])
        let reconcile = try #require(command as? UsageReconcile)
        #expect(reconcile.invoice == "x.csv")
        #expect(reconcile.modelColumn == "m")
        #expect(reconcile.format == .json)
        #expect(try Usage.parseAsRoot(["rebuild"]) is UsageRebuild)
        let show = try #require(try Usage.parseAsRoot(["--by", "tag,month", "--format", "csv"]) as? UsageShow)
        #expect(show.by.groupings == [.tag, .month])
        #expect(show.format == .csv)
    }

    private func row(_ day: String, _ model: String?, input: Int64, output: Int64, cost: Int64) -> UsageRow {
        var row = UsageRow(groups: [UsageRow.Group(.day, day), UsageRow.Group(.model, model)])
        row.requests = 2
        row.estimatedRequests = 1
        row.units.inputTokens = input
        row.units.outputTokens = output
        row.cost = NanoEuros(cost)
        return row
    }
}
