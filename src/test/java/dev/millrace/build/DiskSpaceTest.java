package dev.millrace.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long work that cannot fit is refused before it begins. */
class DiskSpaceTest {
    @TempDir
    Path folder;

    @Test
    void require_moreThanIsFree_namesBothFiguresAndTheWayOut() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path target = disk.folder().resolve("new/nist.db");
            assertThatCode(() -> DiskSpace.require(target, 4_000_000)).doesNotThrowAnyException();
            assertThatThrownBy(() -> DiskSpace.require(target, 5_000_000))
                    .isInstanceOfSatisfying(InsufficientSpaceException.class, refusal -> {
                        assertThat(refusal.neededBytes()).isEqualTo(5_000_000);
                        assertThat(refusal.freeBytes()).isBetween(4_000_000L, 4L << 20);
                    })
                    .hasMessageContaining(target.toString())
                    .hasMessageContaining("expected about 5.0 MB free in " + disk.folder())
                    .hasMessageContaining("found 4.2 MB")
                    .hasMessageContaining("--no-space-check");
            // A folder of files is measured where it is, what an interrupted build left makes room.
            assertThatThrownBy(() -> DiskSpace.require(disk.folder(), 5_000_000))
                    .isInstanceOf(InsufficientSpaceException.class);
            Files.write(disk.folder().resolve("left.db.partial"), new byte[2 << 20]);
            assertThatThrownBy(() -> DiskSpace.require(disk.folder().resolve("other.db"), 4_000_000))
                    .isInstanceOf(InsufficientSpaceException.class);
            assertThatCode(() -> DiskSpace.require(disk.folder().resolve("left.db"), 4_000_000))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void require_anyDisk_neverRefusesNothing() {
        assertThatCode(() -> DiskSpace.require(folder.resolve("a.db"), 0)).doesNotThrowAnyException();
        assertThatThrownBy(() -> DiskSpace.require(folder.resolve("a.db"), Long.MAX_VALUE))
                .isInstanceOf(InsufficientSpaceException.class)
                .hasMessageContaining("expected about 9223372.0 TB");
    }
}
