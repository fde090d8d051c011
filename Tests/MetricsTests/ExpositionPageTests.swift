import Testing

/// The tests' own reader has to refuse what Prometheus would, or the tests that use it could not fail.
@Suite struct ExpositionPageTests {
    @Test(arguments: [
        "# HELP a x\n# TYPE a counter\na 1",
        "a 1\n",
        "# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE b counter\n",
        "# HELP a x\na 1\n",
        "# HELP a x\n# TYPE a strange\n",
        "# HELP a x\n# TYPE a counter\nb 1\n",
        "# HELP a x\n# TYPE a counter\na 1\na 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"1} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"\\r\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"1\",} 1\n",
        "# HELP a x\n# TYPE a counter\na{} 1\n",
        "# HELP a x\n# TYPE a counter\na one\n",
        "# HELP a x\n# TYPE a counter\na  1\n",
        "# HELP a x\n# TYPE a counter\n\na 1\n",
        "# HELP a \\x\n# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE a counter\n# HELP a x\n# TYPE a counter\n",
    ]) func refuses(text: String) {
        #expect(throws: ExpositionPage.Refusal.self) { try ExpositionPage(Array(text.utf8)) }
    }
}
