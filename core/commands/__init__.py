"""Every command of the studio, in the order in which help lists them."""

from core.command import Command
from core.commands.again import Again
from core.commands.allow import Allow, Deny
from core.commands.budget import Budget
from core.commands.cancel import Cancel
from core.commands.check import Check
from core.commands.confirm import Confirm, Dismiss
from core.commands.delete import Delete
from core.commands.edit import Edit
from core.commands.files import Files
from core.commands.giveup import GiveUp
from core.commands.help import Help
from core.commands.history import History
from core.commands.imagine import Imagine
from core.commands.invite import Invite, Join
from core.commands.jobs import Jobs
from core.commands.models import Models
from core.commands.show import Show
from core.commands.stop import Resume, Stop
from core.commands.upscale import Upscale
from core.commands.usage import Usage
from core.commands.vary import Vary

COMMANDS: tuple[type[Command], ...] = (
    Imagine,
    Edit,
    Vary,
    Upscale,
    Models,
    History,
    Show,
    Jobs,
    Cancel,
    Usage,
    Budget,
    Join,
    Invite,
    Allow,
    Deny,
    Stop,
    Resume,
    Help,
    Again,
    Files,
    Delete,
    Confirm,
    Dismiss,
    Check,
    GiveUp,
)
