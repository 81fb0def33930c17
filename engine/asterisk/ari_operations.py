"""ARI's operations as typed methods. Made by ``ari_generate.py``: do not edit.

``Operations(send).channels.answer(channel_id)`` and so on; ``send`` does the HTTP and raises the
errors. Defaults of the description are sent, since Asterisk does not apply them all. Of twins that
differ only in where they take the new object's id, the one with the id in the query is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from engine.asterisk import ari_models as models

Json = Mapping[str, Any]
Query = Mapping[str, str | int | bool | None]


class Send(Protocol):
    """How an operation reaches Asterisk: the decoded answer, or an error of ``engine.ports``.

    Query values that are None are not sent. ``originates``: the request makes a channel towards
    somebody, which takes longer and fails in its own ways.
    """

    async def __call__(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Json | None = None,
        *,
        originates: bool = False,
    ) -> Any: ...


def _path(value: str) -> str:
    return quote(value, safe="")


class Applications:
    """The operations under ``/applications``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(self) -> tuple[models.Application, ...]:
        """List all applications."""
        return tuple(
            models.Application.parse(each) for each in await self._send("GET", "/applications")
        )

    async def get(self, application_name: str) -> models.Application:
        """Get details of an application.

        404 Application does not exist.
        """
        return models.Application.parse(
            await self._send("GET", f"/applications/{_path(application_name)}")
        )

    async def subscribe(
        self, application_name: str, event_source: Sequence[str]
    ) -> models.Application:
        """Subscribe an application to a event source.

        400 Missing parameter; 404 Application does not exist; 422 Event source does not
        exist.
        """
        return models.Application.parse(
            await self._send(
                "POST",
                f"/applications/{_path(application_name)}/subscription",
                query={"eventSource": ",".join(event_source)},
            )
        )

    async def unsubscribe(
        self, application_name: str, event_source: Sequence[str]
    ) -> models.Application:
        """Unsubscribe an application from an event source.

        400 Missing parameter; event source scheme not recognized; 404 Application does not
        exist; 409 Application not subscribed to event source; 422 Event source does not
        exist.
        """
        return models.Application.parse(
            await self._send(
                "DELETE",
                f"/applications/{_path(application_name)}/subscription",
                query={"eventSource": ",".join(event_source)},
            )
        )

    async def filter(
        self, application_name: str, *, filter: Json | None = None
    ) -> models.Application:
        """Filter application events types.

        400 Bad request; 404 Application does not exist.
        """
        return models.Application.parse(
            await self._send(
                "PUT", f"/applications/{_path(application_name)}/eventFilter", body=filter
            )
        )


class Asterisk:
    """The operations under ``/asterisk``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def get_object(
        self, config_class: str, object_type: str, id: str
    ) -> tuple[models.ConfigTuple, ...]:
        """Retrieve a dynamic configuration object.

        404 {configClass|objectType|id} not found.
        """
        return tuple(
            models.ConfigTuple.parse(each)
            for each in await self._send(
                "GET",
                f"/asterisk/config/dynamic/{_path(config_class)}/{_path(object_type)}/{_path(id)}",
            )
        )

    async def update_object(
        self, config_class: str, object_type: str, id: str, *, fields: Sequence[Json] | None = None
    ) -> tuple[models.ConfigTuple, ...]:
        """Create or update a dynamic configuration object.

        400 Bad request body; 403 Could not create or update object; 404
        {configClass|objectType} not found.
        """
        return tuple(
            models.ConfigTuple.parse(each)
            for each in await self._send(
                "PUT",
                f"/asterisk/config/dynamic/{_path(config_class)}/{_path(object_type)}/{_path(id)}",
                body={"fields": fields} if fields is not None else None,
            )
        )

    async def delete_object(self, config_class: str, object_type: str, id: str) -> None:
        """Delete a dynamic configuration object.

        403 Could not delete object; 404 {configClass|objectType|id} not found.
        """
        await self._send(
            "DELETE",
            f"/asterisk/config/dynamic/{_path(config_class)}/{_path(object_type)}/{_path(id)}",
        )

    async def get_info(self, *, only: Sequence[str] | None = None) -> models.AsteriskInfo:
        """Gets Asterisk system information."""
        return models.AsteriskInfo.parse(
            await self._send(
                "GET", "/asterisk/info", query={"only": ",".join(only) if only else None}
            )
        )

    async def ping(self) -> models.AsteriskPing:
        """Response pong message."""
        return models.AsteriskPing.parse(await self._send("GET", "/asterisk/ping"))

    async def list_modules(self) -> tuple[models.Module, ...]:
        """List Asterisk modules."""
        return tuple(
            models.Module.parse(each) for each in await self._send("GET", "/asterisk/modules")
        )

    async def get_module(self, module_name: str) -> models.Module:
        """Get Asterisk module information.

        404 Module could not be found in running modules; 409 Module information could not
        be retrieved.
        """
        return models.Module.parse(
            await self._send("GET", f"/asterisk/modules/{_path(module_name)}")
        )

    async def load_module(self, module_name: str) -> None:
        """Load an Asterisk module.

        409 Module could not be loaded.
        """
        await self._send("POST", f"/asterisk/modules/{_path(module_name)}")

    async def unload_module(self, module_name: str) -> None:
        """Unload an Asterisk module.

        404 Module not found in running modules; 409 Module could not be unloaded.
        """
        await self._send("DELETE", f"/asterisk/modules/{_path(module_name)}")

    async def reload_module(self, module_name: str) -> None:
        """Reload an Asterisk module.

        404 Module not found in running modules; 409 Module could not be reloaded.
        """
        await self._send("PUT", f"/asterisk/modules/{_path(module_name)}")

    async def list_log_channels(self) -> tuple[models.LogChannel, ...]:
        """Gets Asterisk log channel information."""
        return tuple(
            models.LogChannel.parse(each) for each in await self._send("GET", "/asterisk/logging")
        )

    async def add_log(self, log_channel_name: str, configuration: str) -> None:
        """Adds a log channel.

        400 Bad request body; 409 Log channel could not be created.
        """
        await self._send(
            "POST",
            f"/asterisk/logging/{_path(log_channel_name)}",
            query={"configuration": configuration},
        )

    async def delete_log(self, log_channel_name: str) -> None:
        """Deletes a log channel.

        404 Log channel does not exist.
        """
        await self._send("DELETE", f"/asterisk/logging/{_path(log_channel_name)}")

    async def rotate_log(self, log_channel_name: str) -> None:
        """Rotates a log channel.

        404 Log channel does not exist.
        """
        await self._send("PUT", f"/asterisk/logging/{_path(log_channel_name)}/rotate")

    async def get_global_var(self, variable: str) -> models.Variable:
        """Get the value of a global variable.

        400 Missing variable parameter.
        """
        return models.Variable.parse(
            await self._send("GET", "/asterisk/variable", query={"variable": variable})
        )

    async def set_global_var(self, variable: str, *, value: str | None = None) -> None:
        """Set the value of a global variable.

        400 Missing variable parameter.
        """
        await self._send("POST", "/asterisk/variable", query={"variable": variable, "value": value})


class Bridges:
    """The operations under ``/bridges``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(self) -> tuple[models.Bridge, ...]:
        """List all active bridges in Asterisk."""
        return tuple(models.Bridge.parse(each) for each in await self._send("GET", "/bridges"))

    async def create(
        self,
        *,
        type: str | None = None,
        bridge_id: str | None = None,
        name: str | None = None,
        variables: Json | None = None,
    ) -> models.Bridge:
        """Create a new bridge.

        409 Bridge with the same bridgeId already exists.
        """
        return models.Bridge.parse(
            await self._send(
                "POST",
                "/bridges",
                query={"type": type, "bridgeId": bridge_id, "name": name},
                body={"variables": variables} if variables is not None else None,
            )
        )

    async def get(self, bridge_id: str) -> models.Bridge:
        """Get bridge details.

        404 Bridge not found.
        """
        return models.Bridge.parse(await self._send("GET", f"/bridges/{_path(bridge_id)}"))

    async def destroy(self, bridge_id: str) -> None:
        """Shut down a bridge.

        404 Bridge not found.
        """
        await self._send("DELETE", f"/bridges/{_path(bridge_id)}")

    async def get_bridge_var(self, bridge_id: str, variable: str) -> models.Variable:
        """Get the value of a bridge variable or function.

        400 Missing variable parameter; 404 Bridge or variable not found; 409 Bridge not in
        a Stasis application.
        """
        return models.Variable.parse(
            await self._send(
                "GET", f"/bridges/{_path(bridge_id)}/variable", query={"variable": variable}
            )
        )

    async def set_bridge_var(
        self,
        bridge_id: str,
        variable: str,
        *,
        value: str | None = None,
        report_events: bool = False,
    ) -> None:
        """Set the value of a bridge variable or function.

        400 Missing variable parameter; 404 Bridge not found; 409 Bridge not in a Stasis
        application.
        """
        await self._send(
            "POST",
            f"/bridges/{_path(bridge_id)}/variable",
            query={"variable": variable, "value": value, "report_events": report_events},
        )

    async def get_bridge_vars(self, bridge_id: str, variables: Sequence[str]) -> models.Variables:
        """Get the value of multiple bridge variables or functions.

        400 Missing variables parameter; 404 Bridge or variable not found; 409 Bridge not in
        a Stasis application.
        """
        return models.Variables.parse(
            await self._send(
                "GET",
                f"/bridges/{_path(bridge_id)}/variables",
                query={"variables": ",".join(variables)},
            )
        )

    async def set_bridge_vars(self, bridge_id: str, variables: Json) -> None:
        """Set the values of multiple bridge variables or functions.

        400 Missing variables parameter; 404 Bridge not found; 409 Bridge not in a Stasis
        application.
        """
        await self._send(
            "POST", f"/bridges/{_path(bridge_id)}/variables", body={"variables": variables}
        )

    async def add_channel(
        self,
        bridge_id: str,
        channel: Sequence[str],
        *,
        role: str | None = None,
        absorb_dtmf: bool = False,
        mute: bool = False,
        inhibit_connected_line_updates: bool = False,
    ) -> None:
        """Add a channel to a bridge.

        400 Channel not found; 404 Bridge not found; 409 Bridge not in Stasis application;
        Channel currently recording; 422 Channel not in Stasis application.
        """
        await self._send(
            "POST",
            f"/bridges/{_path(bridge_id)}/addChannel",
            query={
                "channel": ",".join(channel),
                "role": role,
                "absorbDTMF": absorb_dtmf,
                "mute": mute,
                "inhibitConnectedLineUpdates": inhibit_connected_line_updates,
            },
        )

    async def remove_channel(self, bridge_id: str, channel: Sequence[str]) -> None:
        """Remove a channel from a bridge.

        400 Channel not found; 404 Bridge not found; 409 Bridge not in Stasis application;
        422 Channel not in this bridge.
        """
        await self._send(
            "POST",
            f"/bridges/{_path(bridge_id)}/removeChannel",
            query={"channel": ",".join(channel)},
        )

    async def set_video_source(self, bridge_id: str, channel_id: str) -> None:
        """Set a channel as the video source in a multi-party mixing bridge. This operation has
        no effect on bridges with two or fewer participants.

        404 Bridge or Channel not found; 409 Channel not in Stasis application; 422 Channel
        not in this Bridge.
        """
        await self._send("POST", f"/bridges/{_path(bridge_id)}/videoSource/{_path(channel_id)}")

    async def clear_video_source(self, bridge_id: str) -> None:
        """Removes any explicit video source in a multi-party mixing bridge. This operation has
        no effect on bridges with two or fewer participants. When no explicit video source
        is set, talk detection will be used to determine the active video stream.

        404 Bridge not found.
        """
        await self._send("DELETE", f"/bridges/{_path(bridge_id)}/videoSource")

    async def start_moh(self, bridge_id: str, *, moh_class: str | None = None) -> None:
        """Play music on hold to a bridge or change the MOH class that is playing.

        404 Bridge not found; 409 Bridge not in Stasis application.
        """
        await self._send("POST", f"/bridges/{_path(bridge_id)}/moh", query={"mohClass": moh_class})

    async def stop_moh(self, bridge_id: str) -> None:
        """Stop playing music on hold to a bridge.

        404 Bridge not found; 409 Bridge not in Stasis application.
        """
        await self._send("DELETE", f"/bridges/{_path(bridge_id)}/moh")

    async def play(
        self,
        bridge_id: str,
        media: Sequence[str],
        *,
        announcer_format: str | None = None,
        lang: str | None = None,
        offsetms: int = 0,
        skipms: int = 3000,
        playback_id: str | None = None,
    ) -> models.Playback:
        """Start playback of media on a bridge.

        404 Bridge not found; 409 Bridge not in a Stasis application; 422 The format
        specified is unknown on this system.
        """
        return models.Playback.parse(
            await self._send(
                "POST",
                f"/bridges/{_path(bridge_id)}/play",
                query={
                    "media": ",".join(media),
                    "announcer_format": announcer_format,
                    "lang": lang,
                    "offsetms": offsetms,
                    "skipms": skipms,
                    "playbackId": playback_id,
                },
            )
        )

    async def record(
        self,
        bridge_id: str,
        name: str,
        format: str,
        *,
        recorder_format: str | None = None,
        max_duration_seconds: int = 0,
        max_silence_seconds: int = 0,
        if_exists: str = "fail",
        beep: bool = False,
        terminate_on: str = "none",
    ) -> models.LiveRecording:
        """Start a recording.

        400 Invalid parameters; 404 Bridge not found; 409 Bridge is not in a Stasis
        application; A recording with the same name already exists on the system and can not
        be overwritten because it is in progress or ifExists=fail; 422 The format specified
        is unknown on this system.
        """
        return models.LiveRecording.parse(
            await self._send(
                "POST",
                f"/bridges/{_path(bridge_id)}/record",
                query={
                    "name": name,
                    "format": format,
                    "recorder_format": recorder_format,
                    "maxDurationSeconds": max_duration_seconds,
                    "maxSilenceSeconds": max_silence_seconds,
                    "ifExists": if_exists,
                    "beep": beep,
                    "terminateOn": terminate_on,
                },
            )
        )


class Channels:
    """The operations under ``/channels``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(self) -> tuple[models.Channel, ...]:
        """List all active channels in Asterisk."""
        return tuple(models.Channel.parse(each) for each in await self._send("GET", "/channels"))

    async def originate(
        self,
        endpoint: str,
        *,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        app_args: str | None = None,
        caller_id: str | None = None,
        timeout: int = 30,
        variables: Json | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> models.Channel:
        """Create a new channel (originate).

        400 Invalid parameters for originating a channel; 409 Channel with given unique ID
        already exists.
        """
        return models.Channel.parse(
            await self._send(
                "POST",
                "/channels",
                query={
                    "endpoint": endpoint,
                    "extension": extension,
                    "context": context,
                    "priority": priority,
                    "label": label,
                    "app": app,
                    "appArgs": app_args,
                    "callerId": caller_id,
                    "timeout": timeout,
                    "channelId": channel_id,
                    "otherChannelId": other_channel_id,
                    "originator": originator,
                    "formats": formats,
                },
                body={"variables": variables} if variables is not None else None,
                originates=True,
            )
        )

    async def create(
        self,
        endpoint: str,
        app: str,
        *,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        variables: Json | None = None,
    ) -> models.Channel:
        """Create channel.

        409 Channel with given unique ID already exists.
        """
        return models.Channel.parse(
            await self._send(
                "POST",
                "/channels/create",
                query={
                    "endpoint": endpoint,
                    "app": app,
                    "appArgs": app_args,
                    "channelId": channel_id,
                    "otherChannelId": other_channel_id,
                    "originator": originator,
                    "formats": formats,
                },
                body={"variables": variables} if variables is not None else None,
                originates=True,
            )
        )

    async def get(self, channel_id: str) -> models.Channel:
        """Channel details.

        404 Channel not found.
        """
        return models.Channel.parse(await self._send("GET", f"/channels/{_path(channel_id)}"))

    async def hangup(
        self, channel_id: str, *, reason_code: str | None = None, reason: str | None = None
    ) -> None:
        """Delete (i.e. hangup) a channel.

        400 Invalid reason for hangup provided; 404 Channel not found.
        """
        await self._send(
            "DELETE",
            f"/channels/{_path(channel_id)}",
            query={"reason_code": reason_code, "reason": reason},
        )

    async def continue_in_dialplan(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
    ) -> None:
        """Exit application; continue execution in the dialplan.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send(
            "POST",
            f"/channels/{_path(channel_id)}/continue",
            query={
                "context": context,
                "extension": extension,
                "priority": priority,
                "label": label,
            },
        )

    async def move(self, channel_id: str, app: str, *, app_args: str | None = None) -> None:
        """Move the channel from one Stasis application to another.

        404 Channel not found; 409 Channel not in a Stasis application.
        """
        await self._send(
            "POST", f"/channels/{_path(channel_id)}/move", query={"app": app, "appArgs": app_args}
        )

    async def redirect(self, channel_id: str, endpoint: str) -> None:
        """Redirect the channel to a different location.

        400 Endpoint parameter not provided; 404 Channel or endpoint not found; 409 Channel
        not in a Stasis application; 422 Endpoint is not the same type as the channel; 412
        Channel in invalid state.
        """
        await self._send(
            "POST", f"/channels/{_path(channel_id)}/redirect", query={"endpoint": endpoint}
        )

    async def answer(self, channel_id: str) -> None:
        """Answer a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("POST", f"/channels/{_path(channel_id)}/answer")

    async def ring(self, channel_id: str) -> None:
        """Indicate ringing to a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("POST", f"/channels/{_path(channel_id)}/ring")

    async def ring_stop(self, channel_id: str) -> None:
        """Stop ringing indication on a channel if locally generated.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("DELETE", f"/channels/{_path(channel_id)}/ring")

    async def progress(self, channel_id: str) -> None:
        """Indicate progress on a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("POST", f"/channels/{_path(channel_id)}/progress")

    async def send_dtmf(
        self,
        channel_id: str,
        *,
        dtmf: str | None = None,
        before: int = 0,
        between: int = 100,
        duration: int = 100,
        after: int = 0,
    ) -> None:
        """Send provided DTMF to a given channel.

        400 DTMF is required; 404 Channel not found; 409 Channel not in a Stasis
        application; 412 Channel in invalid state.
        """
        await self._send(
            "POST",
            f"/channels/{_path(channel_id)}/dtmf",
            query={
                "dtmf": dtmf,
                "before": before,
                "between": between,
                "duration": duration,
                "after": after,
            },
        )

    async def mute(self, channel_id: str, *, direction: str = "both") -> None:
        """Mute a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send(
            "POST", f"/channels/{_path(channel_id)}/mute", query={"direction": direction}
        )

    async def unmute(self, channel_id: str, *, direction: str = "both") -> None:
        """Unmute a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send(
            "DELETE", f"/channels/{_path(channel_id)}/mute", query={"direction": direction}
        )

    async def hold(self, channel_id: str) -> None:
        """Hold a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("POST", f"/channels/{_path(channel_id)}/hold")

    async def unhold(self, channel_id: str) -> None:
        """Remove a channel from hold.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("DELETE", f"/channels/{_path(channel_id)}/hold")

    async def start_moh(self, channel_id: str, *, moh_class: str | None = None) -> None:
        """Play music on hold to a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send(
            "POST", f"/channels/{_path(channel_id)}/moh", query={"mohClass": moh_class}
        )

    async def stop_moh(self, channel_id: str) -> None:
        """Stop playing music on hold to a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("DELETE", f"/channels/{_path(channel_id)}/moh")

    async def start_silence(self, channel_id: str) -> None:
        """Play silence to a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("POST", f"/channels/{_path(channel_id)}/silence")

    async def stop_silence(self, channel_id: str) -> None:
        """Stop playing silence to a channel.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        await self._send("DELETE", f"/channels/{_path(channel_id)}/silence")

    async def play(
        self,
        channel_id: str,
        media: Sequence[str],
        *,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int = 3000,
        playback_id: str | None = None,
    ) -> models.Playback:
        """Start playback of media.

        404 Channel not found; 409 Channel not in a Stasis application; 412 Channel in
        invalid state.
        """
        return models.Playback.parse(
            await self._send(
                "POST",
                f"/channels/{_path(channel_id)}/play",
                query={
                    "media": ",".join(media),
                    "lang": lang,
                    "offsetms": offsetms,
                    "skipms": skipms,
                    "playbackId": playback_id,
                },
            )
        )

    async def record(
        self,
        channel_id: str,
        name: str,
        format: str,
        *,
        max_duration_seconds: int = 0,
        max_silence_seconds: int = 0,
        if_exists: str = "fail",
        beep: bool = False,
        terminate_on: str = "none",
    ) -> models.LiveRecording:
        """Start a recording.

        400 Invalid parameters; 404 Channel not found; 409 Channel is not in a Stasis
        application; the channel is currently bridged with other channels; A recording with
        the same name already exists on the system and can not be overwritten because it is
        in progress or ifExists=fail; 422 The format specified is unknown on this system.
        """
        return models.LiveRecording.parse(
            await self._send(
                "POST",
                f"/channels/{_path(channel_id)}/record",
                query={
                    "name": name,
                    "format": format,
                    "maxDurationSeconds": max_duration_seconds,
                    "maxSilenceSeconds": max_silence_seconds,
                    "ifExists": if_exists,
                    "beep": beep,
                    "terminateOn": terminate_on,
                },
            )
        )

    async def get_channel_var(self, channel_id: str, variable: str) -> models.Variable:
        """Get the value of a channel variable or function.

        400 Missing variable parameter; 404 Channel or variable not found; 409 Channel not
        in a Stasis application.
        """
        return models.Variable.parse(
            await self._send(
                "GET", f"/channels/{_path(channel_id)}/variable", query={"variable": variable}
            )
        )

    async def set_channel_var(
        self,
        channel_id: str,
        variable: str,
        *,
        value: str | None = None,
        report_events: bool = False,
    ) -> None:
        """Set the value of a channel variable or function.

        400 Missing variable parameter; 404 Channel not found; 409 Channel not in a Stasis
        application.
        """
        await self._send(
            "POST",
            f"/channels/{_path(channel_id)}/variable",
            query={"variable": variable, "value": value, "report_events": report_events},
        )

    async def get_channel_vars(self, channel_id: str, variables: Sequence[str]) -> models.Variables:
        """Get the value of multiple channel variables or functions.

        400 Missing variables parameter; 404 Channel or variable not found; 409 Channel not
        in a Stasis application.
        """
        return models.Variables.parse(
            await self._send(
                "GET",
                f"/channels/{_path(channel_id)}/variables",
                query={"variables": ",".join(variables)},
            )
        )

    async def set_channel_vars(self, channel_id: str, variables: Json) -> None:
        """Set the values of multiple channel variables or functions.

        400 Missing variables parameter; 404 Channel not found; 409 Channel not in a Stasis
        application.
        """
        await self._send(
            "POST", f"/channels/{_path(channel_id)}/variables", body={"variables": variables}
        )

    async def snoop_channel(
        self,
        channel_id: str,
        app: str,
        *,
        spy: str = "none",
        whisper: str = "none",
        app_args: str | None = None,
        snoop_id: str | None = None,
    ) -> models.Channel:
        """Start snooping.

        400 Invalid parameters; 404 Channel not found.
        """
        return models.Channel.parse(
            await self._send(
                "POST",
                f"/channels/{_path(channel_id)}/snoop",
                query={
                    "spy": spy,
                    "whisper": whisper,
                    "app": app,
                    "appArgs": app_args,
                    "snoopId": snoop_id,
                },
            )
        )

    async def dial(self, channel_id: str, *, caller: str | None = None, timeout: int = 0) -> None:
        """Dial a created channel.

        404 Channel cannot be found; 409 Channel cannot be dialed.
        """
        await self._send(
            "POST",
            f"/channels/{_path(channel_id)}/dial",
            query={"caller": caller, "timeout": timeout},
        )

    async def rtpstatistics(self, channel_id: str) -> models.RTPstat:
        """RTP stats on a channel.

        404 Channel cannot be found.
        """
        return models.RTPstat.parse(
            await self._send("GET", f"/channels/{_path(channel_id)}/rtp_statistics")
        )

    async def external_media(
        self,
        app: str,
        format: str,
        *,
        channel_id: str | None = None,
        variables: Json | None = None,
        external_host: str | None = None,
        encapsulation: str = "rtp",
        transport: str = "udp",
        connection_type: str = "client",
        direction: str = "both",
        data: str | None = None,
        transport_data: str | None = None,
    ) -> models.Channel:
        """Start an External Media session.

        400 Invalid parameters; 409 Channel is not in a Stasis application; Channel is
        already bridged.
        """
        return models.Channel.parse(
            await self._send(
                "POST",
                "/channels/externalMedia",
                query={
                    "channelId": channel_id,
                    "app": app,
                    "external_host": external_host,
                    "encapsulation": encapsulation,
                    "transport": transport,
                    "connection_type": connection_type,
                    "format": format,
                    "direction": direction,
                    "data": data,
                    "transport_data": transport_data,
                },
                body={"variables": variables} if variables is not None else None,
            )
        )

    async def transfer_progress(self, channel_id: str, states: str) -> None:
        """Inform the channel about the progress of the attended/blind transfer.

        400 Endpoint parameter not provided; 404 Channel or endpoint not found; 409 Channel
        not in a Stasis application; 412 Channel in invalid state.
        """
        await self._send(
            "POST", f"/channels/{_path(channel_id)}/transfer_progress", query={"states": states}
        )


class DeviceStates:
    """The operations under ``/deviceStates``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(self) -> tuple[models.DeviceState, ...]:
        """List all ARI controlled device states."""
        return tuple(
            models.DeviceState.parse(each) for each in await self._send("GET", "/deviceStates")
        )

    async def get(self, device_name: str) -> models.DeviceState:
        """Retrieve the current state of a device."""
        return models.DeviceState.parse(
            await self._send("GET", f"/deviceStates/{_path(device_name)}")
        )

    async def update(self, device_name: str, device_state: str) -> None:
        """Change the state of a device controlled by ARI. (Note - implicitly creates the
        device state).

        404 Device name is missing; 409 Uncontrolled device specified.
        """
        await self._send(
            "PUT", f"/deviceStates/{_path(device_name)}", query={"deviceState": device_state}
        )

    async def delete(self, device_name: str) -> None:
        """Destroy a device-state controlled by ARI.

        404 Device name is missing; 409 Uncontrolled device specified.
        """
        await self._send("DELETE", f"/deviceStates/{_path(device_name)}")


class Endpoints:
    """The operations under ``/endpoints``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(self) -> tuple[models.Endpoint, ...]:
        """List all endpoints."""
        return tuple(models.Endpoint.parse(each) for each in await self._send("GET", "/endpoints"))

    async def send_message(
        self, to: str, from_: str, *, body: str | None = None, variables: Json | None = None
    ) -> None:
        """Send a message to some technology URI or endpoint.

        400 Invalid parameters for sending a message; 404 Endpoint not found.
        """
        await self._send(
            "PUT",
            "/endpoints/sendMessage",
            query={"to": to, "from": from_, "body": body},
            body={"variables": variables} if variables is not None else None,
        )

    async def refer(
        self,
        to: str,
        from_: str,
        refer_to: str,
        *,
        to_self: bool = False,
        variables: Json | None = None,
    ) -> None:
        """Refer an endpoint or technology URI to some technology URI or endpoint.

        400 Invalid parameters for referring; 404 Endpoint not found.
        """
        await self._send(
            "POST",
            "/endpoints/refer",
            query={"to": to, "from": from_, "refer_to": refer_to, "to_self": to_self},
            body={"variables": variables} if variables is not None else None,
        )

    async def list_by_tech(self, tech: str) -> tuple[models.Endpoint, ...]:
        """List available endoints for a given endpoint technology.

        404 Endpoints not found.
        """
        return tuple(
            models.Endpoint.parse(each)
            for each in await self._send("GET", f"/endpoints/{_path(tech)}")
        )

    async def get(self, tech: str, resource: str) -> models.Endpoint:
        """Details for an endpoint.

        400 Invalid parameters for sending a message; 404 Endpoints not found.
        """
        return models.Endpoint.parse(
            await self._send("GET", f"/endpoints/{_path(tech)}/{_path(resource)}")
        )

    async def send_message_to_endpoint(
        self,
        tech: str,
        resource: str,
        from_: str,
        *,
        body: str | None = None,
        variables: Json | None = None,
    ) -> None:
        """Send a message to some endpoint in a technology.

        400 Invalid parameters for sending a message; 404 Endpoint not found.
        """
        await self._send(
            "PUT",
            f"/endpoints/{_path(tech)}/{_path(resource)}/sendMessage",
            query={"from": from_, "body": body},
            body={"variables": variables} if variables is not None else None,
        )

    async def refer_to_endpoint(
        self,
        tech: str,
        resource: str,
        from_: str,
        refer_to: str,
        *,
        to_self: bool = False,
        variables: Json | None = None,
    ) -> None:
        """Refer an endpoint or technology URI to some technology URI or endpoint.

        400 Invalid parameters for referring; 404 Endpoint not found.
        """
        await self._send(
            "POST",
            f"/endpoints/{_path(tech)}/{_path(resource)}/refer",
            query={"from": from_, "refer_to": refer_to, "to_self": to_self},
            body={"variables": variables} if variables is not None else None,
        )


class Events:
    """The operations under ``/events``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def user_event(
        self,
        event_name: str,
        application: str,
        *,
        source: Sequence[str] | None = None,
        variables: Json | None = None,
    ) -> None:
        """Generate a user event.

        404 Application does not exist; 422 Event source not found; 400 Invalid even tsource
        URI or userevent data.
        """
        await self._send(
            "POST",
            f"/events/user/{_path(event_name)}",
            query={"application": application, "source": ",".join(source) if source else None},
            body={"variables": variables} if variables is not None else None,
        )

    async def claim_channel(self, channel_id: str, application: str) -> None:
        """Claim a broadcast channel for this application.

        404 Channel not found or not in broadcast state; 409 Channel has already been
        claimed by another application.
        """
        await self._send(
            "POST", "/events/claim", query={"channelId": channel_id, "application": application}
        )


class Mailboxes:
    """The operations under ``/mailboxes``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(self) -> tuple[models.Mailbox, ...]:
        """List all mailboxes."""
        return tuple(models.Mailbox.parse(each) for each in await self._send("GET", "/mailboxes"))

    async def get(self, mailbox_name: str) -> models.Mailbox:
        """Retrieve the current state of a mailbox.

        404 Mailbox not found.
        """
        return models.Mailbox.parse(await self._send("GET", f"/mailboxes/{_path(mailbox_name)}"))

    async def update(self, mailbox_name: str, old_messages: int, new_messages: int) -> None:
        """Change the state of a mailbox. (Note - implicitly creates the mailbox).

        404 Mailbox not found.
        """
        await self._send(
            "PUT",
            f"/mailboxes/{_path(mailbox_name)}",
            query={"oldMessages": old_messages, "newMessages": new_messages},
        )

    async def delete(self, mailbox_name: str) -> None:
        """Destroy a mailbox.

        404 Mailbox not found.
        """
        await self._send("DELETE", f"/mailboxes/{_path(mailbox_name)}")


class Playbacks:
    """The operations under ``/playbacks``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def get(self, playback_id: str) -> models.Playback:
        """Get a playback's details.

        404 The playback cannot be found.
        """
        return models.Playback.parse(await self._send("GET", f"/playbacks/{_path(playback_id)}"))

    async def stop(self, playback_id: str) -> None:
        """Stop a playback.

        404 The playback cannot be found.
        """
        await self._send("DELETE", f"/playbacks/{_path(playback_id)}")

    async def control(self, playback_id: str, operation: str) -> None:
        """Control a playback.

        400 The provided operation parameter was invalid; 404 The playback cannot be found;
        409 The operation cannot be performed in the playback's current state.
        """
        await self._send(
            "POST", f"/playbacks/{_path(playback_id)}/control", query={"operation": operation}
        )


class Recordings:
    """The operations under ``/recordings``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list_stored(self) -> tuple[models.StoredRecording, ...]:
        """List recordings that are complete."""
        return tuple(
            models.StoredRecording.parse(each)
            for each in await self._send("GET", "/recordings/stored")
        )

    async def get_stored(self, recording_name: str) -> models.StoredRecording:
        """Get a stored recording's details.

        404 Recording not found.
        """
        return models.StoredRecording.parse(
            await self._send("GET", f"/recordings/stored/{_path(recording_name)}")
        )

    async def delete_stored(self, recording_name: str) -> None:
        """Delete a stored recording.

        404 Recording not found.
        """
        await self._send("DELETE", f"/recordings/stored/{_path(recording_name)}")

    async def get_stored_file(self, recording_name: str) -> bytes:
        """Get the file associated with the stored recording.

        403 The recording file could not be opened; 404 Recording not found.
        """
        return bytes(await self._send("GET", f"/recordings/stored/{_path(recording_name)}/file"))

    async def copy_stored(
        self, recording_name: str, destination_recording_name: str
    ) -> models.StoredRecording:
        """Copy a stored recording.

        404 Recording not found; 409 A recording with the same name already exists on the
        system.
        """
        return models.StoredRecording.parse(
            await self._send(
                "POST",
                f"/recordings/stored/{_path(recording_name)}/copy",
                query={"destinationRecordingName": destination_recording_name},
            )
        )

    async def get_live(self, recording_name: str) -> models.LiveRecording:
        """List live recordings.

        404 Recording not found.
        """
        return models.LiveRecording.parse(
            await self._send("GET", f"/recordings/live/{_path(recording_name)}")
        )

    async def cancel(self, recording_name: str) -> None:
        """Stop a live recording and discard it.

        404 Recording not found.
        """
        await self._send("DELETE", f"/recordings/live/{_path(recording_name)}")

    async def stop(self, recording_name: str) -> None:
        """Stop a live recording and store it.

        404 Recording not found.
        """
        await self._send("POST", f"/recordings/live/{_path(recording_name)}/stop")

    async def pause(self, recording_name: str) -> None:
        """Pause a live recording.

        404 Recording not found; 409 Recording not in session.
        """
        await self._send("POST", f"/recordings/live/{_path(recording_name)}/pause")

    async def unpause(self, recording_name: str) -> None:
        """Unpause a live recording.

        404 Recording not found; 409 Recording not in session.
        """
        await self._send("DELETE", f"/recordings/live/{_path(recording_name)}/pause")

    async def mute(self, recording_name: str) -> None:
        """Mute a live recording.

        404 Recording not found; 409 Recording not in session.
        """
        await self._send("POST", f"/recordings/live/{_path(recording_name)}/mute")

    async def unmute(self, recording_name: str) -> None:
        """Unmute a live recording.

        404 Recording not found; 409 Recording not in session.
        """
        await self._send("DELETE", f"/recordings/live/{_path(recording_name)}/mute")


class Sounds:
    """The operations under ``/sounds``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def list(
        self, *, lang: str | None = None, format: str | None = None
    ) -> tuple[models.Sound, ...]:
        """List all sounds."""
        return tuple(
            models.Sound.parse(each)
            for each in await self._send("GET", "/sounds", query={"lang": lang, "format": format})
        )

    async def get(self, sound_id: str) -> models.Sound:
        """Get a sound's details."""
        return models.Sound.parse(await self._send("GET", f"/sounds/{_path(sound_id)}"))


class Operations:
    """All operations, by resource; each goes out by ``send``."""

    def __init__(self, send: Send) -> None:
        self.applications = Applications(send)
        self.asterisk = Asterisk(send)
        self.bridges = Bridges(send)
        self.channels = Channels(send)
        self.device_states = DeviceStates(send)
        self.endpoints = Endpoints(send)
        self.events = Events(send)
        self.mailboxes = Mailboxes(send)
        self.playbacks = Playbacks(send)
        self.recordings = Recordings(send)
        self.sounds = Sounds(send)
