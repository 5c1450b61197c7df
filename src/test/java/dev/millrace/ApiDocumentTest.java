package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/api.md is what the sources say. With {@code -Dmillrace.api.write=true} it is written first. */
class ApiDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/api.md");

    @Test
    void apiDocument_comparedWithTheSources_isUpToDate() throws IOException {
        String expected = ApiDocument.of(Path.of("src/main/java"));
        if (Boolean.getBoolean("millrace.api.write")) {
            Files.writeString(DOCUMENT, expected);
        }
        assertThat(Files.readString(DOCUMENT).lines().toList())
                .as("docs/api.md is older than the sources. Read what changed, then: "
                        + "mvn test -Dtest=ApiDocumentTest -Dmillrace.api.write=true")
                .containsExactlyElementsOf(expected.lines().toList());
    }
}
