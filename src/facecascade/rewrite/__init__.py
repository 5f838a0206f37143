"""Pictures and videos written again, with something done to their faces: hidden, or drawn.

`rewrite_each` does it for all that `find_entries` lists, `rewrite_video` for one video; `Change` says what is done.
PyAV is imported by the first video.
"""

from facecascade.rewrite.change import Change, Painter
from facecascade.rewrite.hold import held
from facecascade.rewrite.job import Observer, RewriteOptions, Rewritten, rewrite_each
from facecascade.rewrite.videos import RewrittenVideo, Stopped, VideoOptions, rewrite_video

__all__ = [
    "Change",
    "Observer",
    "Painter",
    "RewriteOptions",
    "Rewritten",
    "RewrittenVideo",
    "Stopped",
    "VideoOptions",
    "held",
    "rewrite_each",
    "rewrite_video",
]
